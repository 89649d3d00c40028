import WireBytes

/// A pong that came while a ping with another payload was open. A side that sends pongs as a heartbeat may have sent it before it
/// received the ping: then the ping's own pong follows (RFC 6455 §5.5.3 allows both).
struct PongSuspicion {
  let ping: PingPairing.Ping
  let pong: [UInt8]
  /// Of the pong.
  let position: StreamPosition
}
