import WireBytes

/// One side's stream in an HTTP exchange.
struct ExchangeDirection: ~Copyable {
  var decoder: HTTPDecoder
  var hasEnded = false
  /// The packet that brought its last bytes; 0 before the first.
  var lastPacket: UInt64 = 0
  /// What the sender had acknowledged when it sent the start of the head that the decoder has collected so far.
  var pendingAcknowledged: UInt64?

  init(_ side: Side, _ limits: HTTPLimits) { decoder = HTTPDecoder(side: side, limits: limits) }
}
