import WireBytes

/// What an exchange has to tell.
package enum ExchangeEvent: Sendable {
  /// A request for an upgrade to WebSocket was read; its `answered` follows.
  case upgradeRequested(HTTPHead)
  /// The request was answered, or it is certain that no answer will come.
  case answered(Handshake)
  /// A rule of HTTP was broken, outside the two heads of a handshake.
  case anomaly(Anomaly)
}
