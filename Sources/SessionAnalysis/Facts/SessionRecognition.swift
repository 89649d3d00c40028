import WireBytes

/// How a session was recognised whose handshake, or the response to it, was not captured.
package struct SessionRecognition: Sendable {
  /// The first byte that was looked at.
  var position: StreamPosition
  /// What was seen, in words.
  var reason: String

  /// A recognition from its parts.
  package init(position: StreamPosition, reason: String) { (self.position, self.reason) = (position, reason) }
}
