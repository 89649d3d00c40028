import WireBytes

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
