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

/// Bytes (or their absence) that waited in an exchange, or could not be read by it.
package struct HeldPiece: Sendable {
  /// What waited.
  package enum Content: Sendable {
    /// Bytes of the stream.
    case bytes([UInt8])
    /// A gap of so many bytes.
    case lost(UInt64)
    /// The end of the stream.
    case end
  }

  /// Who sent it.
  package let side: Side
  /// Its first byte.
  package let position: StreamPosition
  /// What it is.
  package let content: Content

  /// What keeping it costs, in bytes.
  var cost: Int {
    guard case .bytes(let bytes) = content else { return MemoryLayout<HeldPiece>.stride }
    return MemoryLayout<HeldPiece>.stride + bytes.count
  }
}
