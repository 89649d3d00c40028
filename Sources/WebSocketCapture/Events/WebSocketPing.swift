internal import Sessions
internal import WebSocketDecoding
internal import WireBytes

/// A Ping frame.
public struct WebSocketPing: Sendable {
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
}

extension WebSocketPing {
  init(_ event: ControlEvent, in session: UInt64, payload: [UInt8]) {
    let frame = event.frame
    (self.session, from) = (session, WebSocketSide(frame.side))
    (time, packet) = (PacketTime(frame.first.time), frame.first.packet)
    (bytes, missingBytes, self.payload) = (frame.bytes, frame.missingBytes, payload)
  }
}
