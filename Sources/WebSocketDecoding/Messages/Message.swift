import WireBytes

/// A whole text or binary message: fragments joined, unmasked, inflated (RFC 6455 §5.4, RFC 7692).
public struct Message: Sendable {
  /// Who sent it.
  public var side: Side
  /// `Opcode.text`, `.binary`, or `.continuation` when its first fragment was not captured.
  public var opcode: Opcode
  /// The first byte of its first frame.
  public var first: StreamPosition
  /// The last byte of its last frame (of what was captured of it).
  public var last: StreamPosition
  /// Data frames that carry it.
  public var frames: UInt64
  /// Bytes of those frames as they were sent, headers included.
  public var wireBytes: UInt64
  /// Bytes of the payload: after inflation, or as sent when `inflated` is false. Holes count.
  public var bytes: UInt64
  /// It was sent compressed (RSV1 on its first frame; on any where each frame is compressed by itself).
  public var compressed: Bool
  /// Bytes of the payload as it was sent, of a message that was inflated; otherwise 0.
  public var compressedBytes: UInt64
  /// False when it was sent compressed and is shown as it was sent.
  public var inflated: Bool
  /// False when bytes of it are missing or its last fragment never came.
  public var complete: Bool
  /// Bytes of its frames that the capture does not hold, as far as headers tell.
  public var missingBytes: UInt64
  /// It is a text without a hole, and valid UTF-8 as far as it came.
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

  /// One frame that is a message, in one piece.
  @inline(__always)
  init(side: Side, opcode: Opcode, first: StreamPosition, wireBytes: Int, bytes: Int) {
    self.init(side: side, opcode: opcode, first: first, compressed: false)
    last = first.advanced(by: wireBytes &- 1)
    frames = 1
    self.wireBytes = UInt64(wireBytes)
    self.bytes = UInt64(bytes)
  }
}
