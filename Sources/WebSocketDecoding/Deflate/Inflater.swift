import WireBytes

/// Inflates the DEFLATE stream of one direction (RFC 7692 §7.2.2), and knows which part of its window is unknown.
///
/// It is made when the first compressed message comes. It takes the memory of 32 KiB of output, and up to 24 KiB more; codes are lent.
@safe struct Inflater: ~Copyable {
  private var stream = InflateStream()
  private var doubt: WindowInDoubt?

  /// The bytes so far end with a block that has BFINAL set.
  var isAtStreamEnd: Bool { stream.isAtStreamEnd }
  /// The bytes so far end with the end of a block.
  var isBetweenBlocks: Bool { stream.isBetweenBlocks }
  /// A message may end with the bytes so far.
  var mayEndMessage: Bool { stream.mayEndMessage }
  /// The largest distance since `beginUnit` that refers beyond the sender's window; 0 if none does.
  var farthestDistance: Int { stream.farthest }

  /// Its memory, in bytes: 32 KiB of history, and what is put out next.
  static let cost = 56 << 10

  /// What `inflate` returns if the bytes refer to output that the window does not hold.
  static let refersTooFarBack = InflateFault.tooFarBack.rawValue
  /// Why a message is not shown inflated although its stream goes on.
  static let refersToUnknown = "it refers to earlier messages that are not known"

  /// Compressed bytes begin; their sender's window is 2 to the power of `windowBits`.
  mutating func beginUnit(windowBits: Int) { (stream.agreedWindow, stream.farthest) = (1 << windowBits, 0) }

  /// Forgets the window: what comes next must not refer to anything before it.
  mutating func forgetContext() {
    doubt = nil
    stream.reset()
  }

  /// The sender's window holds output that is unknown here. What refers to it stays unknown, everything else does not.
  mutating func loseWindow() {
    let doubt = doubt ?? WindowInDoubt()
    self.doubt = doubt
    stream.reset(windowFullOf: 0)
    doubt.begin()
  }

  /// Output of earlier messages is missing from the window.
  var isInDoubt: Bool { doubt != nil }

  /// Whether the message refers to unknown output. Asked once for each message, when it has ended.
  mutating func takeRefersToUnknown() -> Bool {
    guard let doubt else { return false }
    let refers = doubt.takeSawUnknown()
    if doubt.isOver { self.doubt = nil }
    return refers
  }

  /// Takes the four bytes that a sender removes from the end (RFC 7692 §7.2.1) if they belong to an empty block, as they nearly always
  /// do. Returns false, and does nothing, if they have to be inflated.
  mutating func takeEmptyBlock() -> Bool {
    guard stream.takeEmptyBlock() else { return false }
    if isInDoubt { doubt?.takeEmptyBlock() }
    return true
  }

  /// Inflates `bytes` and hands the output to `take`, piece by piece, until that returns false. Returns nil if all went well,
  /// otherwise why the bytes do not continue the DEFLATE stream. `spare`: codes that streams share.
  @inline(__always)
  mutating func inflate(
    _ bytes: Span<UInt8>, sharing spare: inout DynamicCodes?, take: (Span<UInt8>) -> Bool
  ) -> String? {
    stream.borrow(&spare)
    let fault = inflate(bytes, take: take)
    stream.giveBack(&spare)
    return fault
  }

  @inline(__always)
  private mutating func inflate(_ bytes: Span<UInt8>, take: (Span<UInt8>) -> Bool) -> String? {
    unsafe bytes.withUnsafeBytes { input in
      var (index, indexInDoubt) = (0, 0)
      while true {
        let progress = unsafe stream.inflate(input, from: &index)
        let output = unsafe stream.output
        if isInDoubt { unsafe doubt?.compare(output, inflating: input, from: &indexInDoubt) }
        // Safe: the history does not change before the next turn of the loop.
        if output.count > 0, !take(unsafe Span(_unsafeBytes: output)) {
          return "the output is beyond every limit"
        }
        switch progress {
        case .needsInput: return nil
        case .hasMoreOutput: continue
        case .failed(let fault): return fault.rawValue
        }
      }
    }
  }
}
