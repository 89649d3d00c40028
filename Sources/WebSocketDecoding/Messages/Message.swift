import WireBytes

/// A text or binary message, its fragments joined, unmasked and inflated (RFC 6455 §5.4, RFC 7692).
public struct Message: Sendable {
  /// Who sent it.
  public var side: Side
  /// `Opcode.text`, `.binary`, or `.continuation` when its first fragment was not captured.
  public var opcode: Opcode
  /// The first byte of its first frame.
  public var first: StreamPosition
  /// The last captured byte of its last frame.
  public var last: StreamPosition
  /// Data frames that carry it.
  public var frames: UInt64
  /// Bytes of those frames as they were sent, headers included.
  public var wireBytes: UInt64
  /// Bytes of the payload: after inflation, or as sent if `inflated` is false. Missing bytes count.
  public var bytes: UInt64
  /// It was sent compressed: RSV1 is set on its first frame, or on any if each frame is compressed by itself.
  public var compressed: Bool
  /// Bytes of the payload as sent, if the message was inflated; otherwise 0.
  public var compressedBytes: UInt64
  /// False if it was sent compressed and is shown as sent.
  public var inflated: Bool
  /// False if bytes of it are missing or its last fragment never came.
  public var complete: Bool
  /// Payload bytes of its frames that are not in the capture, as far as headers tell.
  public var missingBytes: UInt64
  /// It is a text that lacks no bytes, and valid UTF-8 as far as it came.
  public var isValidUTF8: Bool

  @inline(__always)
  init(side: Side, opcode: Opcode, first: StreamPosition, compressed: Bool) {
    self.side = side
    self.opcode = opcode
    self.first = first
    last = first
    frames = 0
    wireBytes = 0
    bytes = 0
    self.compressed = compressed
    compressedBytes = 0
    inflated = true
    complete = true
    missingBytes = 0
    isValidUTF8 = false
  }

  /// A message that came as one frame in one piece.
  @inline(__always)
  init(side: Side, opcode: Opcode, first: StreamPosition, wireBytes: Int, bytes: Int) {
    self.init(side: side, opcode: opcode, first: first, compressed: false)
    last = first.advanced(by: wireBytes &- 1)
    frames = 1
    self.wireBytes = UInt64(wireBytes)
    self.bytes = UInt64(bytes)
  }
}
