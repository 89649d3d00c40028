import WireBytes

/// A Close, Ping or Pong frame (RFC 6455 §5.5).
public struct ControlFrame: Sendable {
  /// Who sent it.
  public var side: Side
  /// `Opcode.close`, `.ping` or `.pong`.
  public var opcode: Opcode
  /// The first byte of the frame.
  public var first: StreamPosition
  /// Its last captured byte.
  public var last: StreamPosition
  /// Bytes of payload, as the header says.
  public var bytes: UInt64
  /// Bytes of the frame as sent, header included.
  public var wireBytes: UInt64
  /// Payload bytes that are not in the capture.
  public var missingBytes: UInt64
}
