import WebSocketDecoding
import WireBytes

/// A ping, pong or close, with what it means in its session.
public struct ControlEvent: Sendable {
  /// The frame.
  public var frame: ControlFrame
  /// Of a pong: the ping that it answers.
  public var answers: StreamPosition?
  /// Of a close: its code; nil when the payload has none, or when it is not in the capture.
  public var closeCode: UInt16?
  /// Of a payload that is told with marks in place of values, the bytes of what was sent that it is told for; nil if nothing was
  /// hidden.
  public var redactedFrom: Int?

  /// It is a close whose code is not in the capture.
  public var isCodeLost: Bool {
    frame.opcode == .close && closeCode == nil && frame.bytes >= 2 && frame.missingBytes > 0
  }

  /// The bytes of what was sent that this payload of the frame is told for.
  package func shownBytes(of payload: Span<UInt8>) -> Int { redactedFrom ?? payload.count }

  /// Of a pong: nanoseconds from the ping's packet to the pong's.
  public var roundTrip: Int64? {
    answers.map { frame.first.time.nanoseconds(since: $0.time) }
  }
}
