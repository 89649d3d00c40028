import WebSocketDecoding
import WireBytes

/// A ping, pong or close, with what it means in its session.
public struct ControlEvent: Sendable {
  /// The frame.
  public var frame: ControlFrame
  /// Of a pong: the ping that it answers.
  public var answers: StreamPosition?
  /// Of a close: its code; nil when the payload has none.
  public var closeCode: UInt16?

  /// Of a close: it has a code, and that is not in the capture.
  public var isCodeMissing: Bool { closeCode == nil && frame.bytes >= 2 && frame.leadingBytes ?? 2 < 2 }

  /// Of a pong: nanoseconds from the ping's packet to the pong's.
  public var roundTrip: Int64? {
    answers.map { frame.first.time.nanoseconds(since: $0.time) }
  }
}
