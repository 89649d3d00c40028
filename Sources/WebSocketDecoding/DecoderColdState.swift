import WireBytes

/// What a decoder needs beside its few hot fields: for frames that do not come in one piece, for control frames,
/// compression, broken rules, and the search after a gap.
///
/// It is kept apart because with thousands of sessions the size of what every frame touches decides what stays in the
/// processor's cache: 360 bytes a direction cost a quarter of a run on small frames where others use the cache, too.
struct DecoderColdState: ~Copyable {
  /// Pings, pongs, missing and unexplained bytes; the rest is counted in the decoder itself.
  var counts = SideCounts()
  /// The message that is open and does not come in one piece.
  var assembly = MessageAssembly()
  /// The start of a header that the previous segment cut.
  var partialHeader = PartialHeader()
  /// The frame whose payload is being read.
  var frame = OpenFrame()

  var controlPayload = PayloadBuffer()
  var framePayload = PayloadBuffer()
  var inflater: Inflater?
  /// The window lacks output of earlier messages.
  var contextIsLost = false
  /// Present while the decoder is out of step.
  var search: FrameSearch?
  /// Present while it is not known whether the decoder is out of step.
  var doubt: StepDoubt?
  var doubts = DoubtHistory()
  /// What came before a doubt about a packet within a frame.
  var tail = PacketTail()
  /// Bytes before those that `search` counts, since the decoder was out of step.
  var passedBeforeSearch: UInt64 = 0
  /// Replays of held bytes that are under way, one within the other.
  var replays = 0
  var rules = RuleCounts()
  /// What the budget knows to be held, beside the message.
  private(set) var charged = 0

  /// Tells the budget what is held beside the message, which does so itself.
  mutating func charge(_ output: WebSocketOutput) {
    let search = (search?.cost ?? 0) &+ (doubt?.search.cost ?? 0)
    output.context.budget.update(
      &charged, to: search &+ framePayload.capacity &+ (inflater == nil ? 0 : Inflater.cost))
  }

  /// Nothing is held any more.
  mutating func release(_ output: WebSocketOutput) { output.context.budget.update(&charged, to: 0) }

  /// Compressed bytes begin: makes an inflater unless it has one. Returns whether it did.
  @discardableResult
  mutating func needInflater(_ output: WebSocketOutput) -> Bool {
    guard inflater == nil else { return false }
    inflater = output.context.takeInflater()
    charge(output)
    return true
  }

  /// Payload bytes of the open data frame, unmasked.
  mutating func receive(_ bytes: Span<UInt8>, _ output: WebSocketOutput) {
    assembly.receive(bytes, inflater: &inflater, output: output)
  }

  /// The open data frame has ended and is complete; called where each frame is compressed by itself.
  mutating func endFrame(_ output: WebSocketOutput) { assembly.endFrame(inflater: &inflater, output: output) }

  /// The open message, if it ends here, cannot be inflated.
  mutating func failsToInflate() -> Bool {
    let mayEnd = inflater?.mayEndMessage ?? true
    return assembly.failsToInflate(mayEnd: mayEnd)
  }

  /// Ends the open message. Returns why it could not be inflated, if so.
  mutating func endMessage(_ output: WebSocketOutput) -> String? {
    assembly.end(inflater: &inflater, output: output)
  }
}
