import WireBytes

/// The DEFLATE stream of one direction (RFC 7692 §7.2.2), and what of its window is known.
///
/// Made when the first compressed message comes. It takes what the last 32 KiB of output take, and up to 24 KiB more.
@safe struct Inflater: ~Copyable {
  private var stream = InflateStream()
  private var doubt: WindowInDoubt?

  /// The bytes so far ended with a block that has BFINAL set.
  var isAtStreamEnd: Bool { stream.isAtStreamEnd }
  /// The bytes so far end where another block ends.
  var isBetweenBlocks: Bool { stream.isBetweenBlocks }
  /// The largest distance since `beginUnit` that refers beyond the sender's window; 0 where none does.
  var farthestDistance: Int { stream.farthest }

  /// What `inflate` returns when the bytes refer to output that the window does not hold.
  static let refersTooFarBack = InflateFault.tooFarBack.rawValue
  /// Why a message is not shown inflated whose stream goes on.
  static let refersToUnknown = "it refers to earlier messages that are not known"

  /// Compressed bytes begin, of a sender whose window is 2 to the power of `windowBits`.
  mutating func beginUnit(windowBits: Int) { (stream.agreedWindow, stream.farthest) = (1 << windowBits, 0) }

  /// Forgets the window: what comes next may not refer to anything before.
  mutating func forgetContext() {
    doubt = nil
    stream.reset()
  }

  /// The sender's window holds output that is not known here: what refers to it cannot be known either, all else can.
  mutating func loseWindow() {
    let doubt = doubt ?? WindowInDoubt()
    self.doubt = doubt
    stream.reset(windowFullOf: 0)
    doubt.begin()
  }

  /// Output of earlier messages is missing in the window.
  var isInDoubt: Bool { doubt != nil }

  /// What the message at hand refers to was not all known. Asked once a message, when it has ended.
  mutating func takeRefersToUnknown() -> Bool {
    guard let doubt else { return false }
    let refers = doubt.takeSawUnknown()
    if doubt.isOver { self.doubt = nil }
    return refers
  }

  /// Takes the four bytes that a sender takes off the end (RFC 7692 §7.2.1), where an empty block is all that they belong to, as nearly
  /// always. False, and nothing happens, where they have to be inflated.
  mutating func takeEmptyBlock() -> Bool {
    guard stream.takeEmptyBlock() else { return false }
    if isInDoubt { doubt?.takeEmptyBlock() }
    return true
  }

  /// Inflates `bytes`, handing what they come to to `take`, piece by piece, until it returns false. Returns nil when all is well,
  /// otherwise why the bytes are not a DEFLATE stream that follows what came before.
  @inline(__always)
  mutating func inflate(_ bytes: Span<UInt8>, take: (Span<UInt8>) -> Bool) -> String? {
    unsafe bytes.withUnsafeBytes { input in
      var (index, indexInDoubt) = (0, 0)
      while true {
        let progress = unsafe stream.inflate(input, from: &index)
        let output = unsafe stream.output
        if isInDoubt { unsafe doubt?.compare(output, inflating: input, from: &indexInDoubt) }
        // Safe: the history stays as it is until the next turn.
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
