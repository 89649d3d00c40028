internal import Sessions
internal import WebSocketDecoding
internal import WireBytes

/// A Close frame.
public struct WebSocketClose: Sendable {
  /// The session's number.
  public let session: UInt64
  /// The sender.
  public let from: WebSocketSide
  /// When its first byte was captured.
  public let time: PacketTime
  /// The packet of its first byte.
  public let packet: UInt64
  /// Payload bytes that were not captured.
  public let missingBytes: UInt64
  /// The status code; nil when the frame has none.
  public let code: UInt16?
  /// The registered name of the code, such as `normal_closure`; nil when the code is not registered.
  public let codeName: String?
  /// The reason; bytes that are not UTF-8 show as U+FFFD.
  public let reason: String
}

extension WebSocketClose {
  init(_ event: ControlEvent, in session: UInt64, payload: Span<UInt8>) {
    let frame = event.frame
    (self.session, from) = (session, WebSocketSide(frame.side))
    (time, packet) = (PacketTime(frame.first.time), frame.first.packet)
    (missingBytes, code) = (frame.missingBytes, event.closeCode)
    codeName = event.closeCode.flatMap { CloseCode.name($0) }
    reason = String(decoding: payload.dropping(2).toArray(), as: UTF8.self)
  }
}
