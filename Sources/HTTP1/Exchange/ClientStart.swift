/// Where the client's frames begin after an upgrade.
package enum ClientStart {
  /// With its next byte.
  case known
  /// With its next byte, probably: the end of the upgrade request is not in the capture.
  case uncertain
  /// After some more HTTP.
  case after(ClientRemainder)
}
