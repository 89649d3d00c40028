import WireBytes

/// What a decoder needs beside its few hot fields: for frames that do not come in one piece, for control frames,
/// compression, broken rules, and the search after a hole.
///
/// It lies apart because with thousands of sessions the size of what every frame touches decides what stays in the
/// processor's cache: 360 bytes a direction cost a quarter of a run on small frames where others use the cache, too.
struct SlowPath: ~Copyable {
  /// Pings, pongs, lost and unexplained bytes; the rest is counted in the decoder itself.
  var counts = SideCounts()
  /// The message that is open and does not come in one piece.
  var assembly = MessageAssembly()

  /// The frame that is open, unless a header is awaited.
  var header = FrameHeader(empty: ())
  var frameStart = StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0))
  /// Payload bytes of the open frame that are still to come.
  var payloadLeft: UInt64 = 0
  var frameMissing: UInt64 = 0
  /// The last byte of the open frame that was captured.
  var lastCaptured = StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0))
  /// The start of a header that the previous segment cut.
  var heldHeader = InlineArray<14, UInt8>(repeating: 0)

  var controlPayload = PayloadBuffer()
  var framePayload = PayloadBuffer()
  var inflater: Inflater?
  /// The window lacks output of earlier messages.
  var contextIsLost = false
  /// There while the decoder is lost.
  var search: FrameSearch?
  /// How often each rule was reported; made when the first one is.
  var reports: [UInt32] = []

  /// Compressed bytes begin. True when the inflater for them is a new one.
  @discardableResult
  mutating func needInflater(_ output: WebSocketOutput) -> Bool {
    guard inflater == nil else { return false }
    inflater = output.context.takeInflater()
    return true
  }

  /// Payload bytes of the open data frame, unmasked.
  mutating func receive(_ bytes: Span<UInt8>, _ output: WebSocketOutput) {
    assembly.receive(bytes, inflater: &inflater, output: output)
  }

  /// The open data frame ended, whole, where each is compressed by itself.
  mutating func endFrame(_ output: WebSocketOutput) { assembly.endFrame(inflater: &inflater, output: output) }

  /// Ends the open message. Returns why it could not be inflated, if so.
  mutating func endMessage(_ output: WebSocketOutput) -> String? {
    assembly.end(inflater: &inflater, output: output)
  }
}

/// Owns a `SlowPath` from its first use on.
@safe struct SlowPathBox: ~Copyable {
  private var pointer: UnsafeMutablePointer<SlowPath>?

  init() { unsafe pointer = nil }

  deinit {
    guard let pointer = unsafe pointer else { return }
    unsafe pointer.deinitialize(count: 1)
    unsafe pointer.deallocate()
  }

  var state: SlowPath {
    // Safe: the box owns the memory, and whoever has the state has the box.
    mutating _read { yield unsafe made().pointee }
    _modify { yield unsafe &made().pointee }
  }

  private mutating func made() -> UnsafeMutablePointer<SlowPath> {
    if let pointer = unsafe pointer { return unsafe pointer }
    let made = UnsafeMutablePointer<SlowPath>.allocate(capacity: 1)
    unsafe made.initialize(to: SlowPath())
    unsafe pointer = made
    return unsafe made
  }

  /// The counts kept here so far.
  var counts: SideCounts { unsafe pointer?.pointee.counts ?? SideCounts() }

  /// What compression came to so far.
  var compression: CompressionCounts { unsafe pointer?.pointee.assembly.compression ?? CompressionCounts() }

  /// The message that is open, or was the last one here.
  var message: Message? { unsafe pointer?.pointee.assembly.message }

  /// How often each rule was reported so far; empty before the first one.
  var reports: [UInt32] { unsafe pointer?.pointee.reports ?? [] }
}
