internal import Sessions
internal import WebSocketDecoding
internal import WireBytes

/// A Pong frame.
public struct WebSocketPong: Sendable {
  /// The session's number.
  public let session: UInt64
  /// The sender.
  public let from: WebSocketSide
  /// When its first byte was captured.
  public let time: PacketTime
  /// The packet of its first byte.
  public let packet: UInt64
  /// Bytes of payload, according to its header.
  public let bytes: UInt64
  /// Payload bytes that were not captured.
  public let missingBytes: UInt64
  /// The payload, as far as it was captured and kept.
  public let payload: [UInt8]
  /// The packet of the Ping that it answers; nil when it answers none.
  public let answersPacket: UInt64?
  /// The time from the Ping's packet to this one's, both as captured.
  public let roundTrip: Duration?
}

extension WebSocketPong {
  init(_ event: ControlEvent, in session: UInt64, payload: [UInt8]) {
    let frame = event.frame
    (self.session, from) = (session, WebSocketSide(frame.side))
    (time, packet) = (PacketTime(frame.first.time), frame.first.packet)
    (bytes, missingBytes, self.payload) = (frame.bytes, frame.missingBytes, payload)
    answersPacket = event.answers?.packet
    roundTrip = event.roundTrip.map { .nanoseconds($0) }
  }
}
