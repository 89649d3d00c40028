import WireBytes

/// A pong that came while a ping with another payload was open. A side that sends pongs as a heartbeat may have sent it before it
/// received the ping: then the ping's own pong follows (RFC 6455 §5.5.3 allows both).
struct PongSuspicion {
  /// Who sent the pong.
  let side: Side
  let ping: PingPairing.Ping
  let pong: [UInt8]
  /// Of the pong.
  let position: StreamPosition

  init(of side: Side, ping: PingPairing.Ping, pong: [UInt8], position: StreamPosition) {
    (self.side, self.ping, self.pong, self.position) = (side, ping, pong, position)
  }
}
