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
  public var opcode: Opcode
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

/// Takes what a decoder finds, in stream order. The anomalies of a message or control frame come before it. Payloads are borrowed for the call.
public protocol WebSocketSink: AnyObject {
  /// A message ended. `payload` is its start: all of it up to `DecodingOptions.keptPayload` bytes. `holes` are
  /// the first thousand or so.
  func message(_ message: borrowing Message, missing: [MissingRange], payload: Span<UInt8>)
  /// The same of a message whose payload lies in memory of its own: who wants to keep it may take the buffer, and leave another
  /// one there.
  func message(_ message: borrowing Message, missing: [MissingRange], buffer payload: inout PayloadBuffer)
  /// A Close, Ping or Pong frame ended.
  func control(_ control: borrowing ControlFrame, payload: Span<UInt8>)
  /// A frame ended; only with `DecodingOptions.reportsFrames`. The payload is unmasked, not inflated.
  func frame(_ frame: borrowing Frame, payload: Span<UInt8>)
  /// A rule was broken, or something happened that is worth knowing.
  func anomaly(_ anomaly: Anomaly)
}

extension WebSocketSink {
  /// Most look at a payload and are done with it.
  public func message(
    _ message: borrowing Message, missing: [MissingRange], buffer payload: inout PayloadBuffer
  ) {
    self.message(message, missing: missing, payload: payload.bytes)
  }
}

/// How messages are decoded, and the limits that hold.
public struct DecodingOptions: Sendable {
  /// Payload bytes of a message that are kept for its report; what is beyond is still decoded, counted and
  /// checked. 0 keeps none of a message that ends in another packet than it began.
  public var keptPayload = 16 << 20
  /// Payload bytes of a control frame that are kept; the RFC allows 125.
  public var keptControlPayload = 4096
  /// Inflate permessage-deflate messages.
  public var inflates = true
  /// Output of one message that is looked at; what is beyond is inflated only to keep the stream in step.
  public var inflatedBytes: UInt64 = 64 << 20
  /// Report every frame too.
  public var reportsFrames = false

  /// What messages say is checked, and shown to nobody.
  package var wantsNoPayload: Bool { keptPayload == 0 && !reportsFrames }

  /// The defaults.
  public init() {}
}

/// Where decoders put what they find, and the memory they share while they do it.
@safe public final class WebSocketOutput {
  let sink: any WebSocketSink
  /// What to decode and how far.
  public let options: DecodingOptions
  /// Unmasked bytes of the piece at hand.
  let scratch: UnsafeMutableRawBufferPointer

  static let scratchBytes = 64 << 10

  /// An output that serves any number of decoders, one call at a time.
  public init(options: DecodingOptions, sink: any WebSocketSink) {
    self.sink = sink
    self.options = options
    unsafe scratch = .allocate(byteCount: Self.scratchBytes, alignment: 64)
  }

  /// Memory of large messages that were reported, for those to come.
  @exclusivity(unchecked) private var uncheckedSpareBuffers = PayloadPool(mostBytes: 4 << 20)
  var spareBuffers: PayloadPool {
    @inline(__always) _read { yield unsafe uncheckedSpareBuffers }
    @inline(__always) _modify { yield unsafe &uncheckedSpareBuffers }
  }

  /// A window that a side without context takeover needs no more: one serves them all, message by message.
  private var spareInflater: Inflater?

  func takeInflater() -> Inflater { spareInflater.take() ?? Inflater() }

  func keep(_ spare: consuming Inflater) {
    spare.forgetContext()
    spareInflater = consume spare
  }

  deinit { unsafe scratch.deallocate() }
}
