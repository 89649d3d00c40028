import WireBytes

/// A whole text or binary message: fragments joined, unmasked, inflated (RFC 6455 §5.4, RFC 7692).
public struct Message: Sendable {
  /// Who sent it.
  public var side: Side
  /// `Opcode.text`, `.binary`, or `.continuation` when its first fragment was not captured.
  public var opcode: UInt8
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
  init(side: Side, opcode: UInt8, first: StreamPosition, compressed: Bool) {
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
  init(side: Side, opcode: UInt8, first: StreamPosition, wireBytes: Int, bytes: Int) {
    self.init(side: side, opcode: opcode, first: first, compressed: false)
    last = first.advanced(by: wireBytes &- 1)
    frames = 1
    self.wireBytes = UInt64(wireBytes)
    self.bytes = UInt64(bytes)
  }
}

/// A part of a payload that the capture does not hold; its bytes read as zero in what is shown.
public struct MissingRange: Sendable, Hashable {
  /// Where in the payload it starts.
  public var offset: UInt64
  /// How long it is.
  public var bytes: UInt64
}

/// A Close, Ping or Pong frame (RFC 6455 §5.5).
public struct ControlFrame: Sendable {
  /// Who sent it.
  public var side: Side
  /// `Opcode.close`, `.ping` or `.pong`.
  public var opcode: UInt8
  /// The first byte of the frame.
  public var first: StreamPosition
  /// The last byte of it that was captured.
  public var last: StreamPosition
  /// Bytes of payload, as the header says.
  public var bytes: UInt64
  /// Bytes of the frame as sent, header included.
  public var wireBytes: UInt64
  /// Payload bytes that the capture does not hold.
  public var missingBytes: UInt64
}

/// One frame as it stood on the wire, for `--frames`.
public struct Frame: Sendable {
  /// Who sent it.
  public var side: Side
  /// The header's fields.
  public var header: FrameHeader
  /// The first byte of the header.
  public var first: StreamPosition
  /// The last byte of it that was captured.
  public var last: StreamPosition
  /// Payload bytes that the capture does not hold.
  public var missingBytes: UInt64
}

/// What one side sent after the upgrade, counted. Every byte is in exactly one of `wireBytes`, `lostBytes` and
/// `unexplainedBytes`.
public struct SideCounts: Sendable, Hashable {
  /// Text and binary messages, incomplete ones included.
  public var messages: UInt64 = 0
  /// Frames of any kind.
  public var frames: UInt64 = 0
  /// Payload bytes of messages, after inflation.
  public var bytes: UInt64 = 0
  /// Captured bytes that belong to frames, headers included.
  public var wireBytes: UInt64 = 0
  /// Ping frames.
  public var pings: UInt64 = 0
  /// Pong frames.
  public var pongs: UInt64 = 0
  /// Bytes of the stream that the capture does not hold.
  public var lostBytes: UInt64 = 0
  /// Captured bytes that could not be assigned to a frame.
  public var unexplainedBytes: UInt64 = 0

  /// Nothing sent.
  public init() {}

  /// All bytes after the upgrade.
  public var streamBytes: UInt64 { wireBytes &+ lostBytes &+ unexplainedBytes }
}

/// What compression came to on one side, over the messages that were inflated.
public struct CompressionCounts: Sendable, Hashable {
  /// Messages that were sent compressed.
  public var messages: UInt64 = 0
  /// Bytes of their payloads as they were sent.
  public var compressedBytes: UInt64 = 0
  /// Bytes of their payloads after inflation.
  public var bytes: UInt64 = 0

  /// Nothing sent.
  public init() {}

  mutating func add(_ message: borrowing Message) {
    messages &+= 1
    compressedBytes &+= message.compressedBytes
    bytes &+= message.bytes
  }
}
