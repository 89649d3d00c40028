/// What became of a side's earlier doubts about being in step.
struct DoubtHistory {
  /// Faults of headers that its frames have although it is in step: they prove nothing any more.
  private(set) var habits: HeaderFaults = []
  /// Stream offset before which nothing is doubted, because that was decided.
  private var settled: UInt64 = 0
  /// Bytes that were held for doubts.
  private var held: UInt64 = 0
  private var badTexts = 0
  /// Stream offset at which the last message ended that could not be inflated.
  private var failedBefore: UInt64 = .max

  /// The last frame within which a packet looked like another frame, but not enough to be believed: the offset of the frame, and a
  /// description of the other one.
  private var other: (frame: UInt64, words: String)?

  /// Texts that are not UTF-8 are a habit after so many.
  private static let habitualTexts = 3
  /// A hostile stream could be read again and again: bytes that may be held for each byte of it, and for a start.
  private static let heldPerByte: UInt64 = 4
  private static let heldAtFirst: UInt64 = 256 << 10

  /// Whether there may be a doubt about a frame or packet that begins at this stream offset.
  func allows(at offset: UInt64, after bytes: UInt64) -> Bool {
    offset >= settled && held / Self.heldPerByte <= bytes &+ Self.heldAtFirst / Self.heldPerByte
  }

  /// A doubt was decided for which `bytes` were held: everything before this stream offset is settled.
  mutating func settle(before offset: UInt64, held bytes: Int) {
    settled = max(settled, offset)
    held &+= UInt64(bytes)
  }

  /// Frames were found from this stream offset on: what comes after the first of them may be doubted.
  mutating func resume(at offset: UInt64) { settled = offset &+ 1 }

  /// Another frame may begin within the one at this stream offset. The first one counts.
  mutating func note(other words: String, in frame: UInt64) {
    if other?.frame != frame { other = (frame, words) }
  }

  /// What may have been written into the frame at this stream offset.
  func other(in frame: UInt64) -> String? { other.flatMap { $0.frame == frame ? $0.words : nil } }

  /// A message that ended before this stream offset could not be inflated.
  mutating func noteFailure(before offset: UInt64) { failedBefore = offset }

  /// Whether the message that ended before this stream offset could not be inflated, which does not happen all the time.
  func followsFailure(at offset: UInt64) -> Bool { failedBefore == offset && !habits.contains(.inflation) }

  /// A side that is in step did this.
  mutating func note(habits more: HeaderFaults) {
    if more.contains(.text) { badTexts += 1 }
    habits.formUnion(badTexts < Self.habitualTexts ? more.subtracting(.text) : more)
  }
}
