import WireBytes

/// Something that an exchange found while it is still HTTP.
package enum ExchangeEvent: Sendable {
  /// A client asked for an upgrade to WebSocket. What became of it follows: either `notUpgraded` or a hand-over to
  /// `ProtocolSwitch.webSocket`.
  case upgradeRequested(HTTPHead)
  /// The server refused the upgrade, or it is certain that its answer is not in the capture.
  case notUpgraded(Handshake)
  /// The body of the response that refused the last upgrade, as far as it is kept. It has a byte at least.
  case refusalBody(KeptBody)
  /// A client asked for an upgrade to WebSocket in a head that is larger than what is held of one; why, as the end of a sentence.
  indirect case requestTooLarge(StreamPosition, String)
  /// A request was answered with this status that has Connection: Upgrade, and was cut before its Upgrade field.
  indirect case cutRequestRefused(HTTPHead, status: Int)
  /// The server did not grant a CONNECT.
  indirect case connectRefused(target: String, isAuthenticated: Bool, status: Int)
  /// A rule of HTTP was broken, outside the two heads of a handshake.
  case anomaly(Anomaly)
}
