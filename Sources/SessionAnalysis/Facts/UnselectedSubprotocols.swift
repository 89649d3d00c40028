import WireBytes

/// Subprotocols that a client offered, of which the server selected none. That is legal (RFC 6455 §4.2.2), but a browser must
/// fail the connection then (WHATWG WebSockets Standard, "establish a WebSocket connection").
package struct UnselectedSubprotocols: Sendable {
  /// Their names, as far as they may be shown.
  var names: String
  /// The request has an Origin: a browser made it.
  var isFromPage: Bool

  /// What was offered in vain.
  package init(names: String, isFromPage: Bool) { (self.names, self.isFromPage) = (names, isFromPage) }
}
