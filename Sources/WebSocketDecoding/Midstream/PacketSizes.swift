/// How large the packets of one direction are, and how the packets begin that follow one which was not full.
///
/// A sender that pauses begins its next packet with a frame, if it sends frames. A packet that is smaller than its sender's
/// segments is where it paused; which size is that of full segments shows when several packets have the largest size.
struct PacketSizes {
  /// Packets that a frame is due to begin.
  private var dueStarts: Int32 = 0
  /// Those of them that do not begin like one, by the mask bit that it would have.
  private var falseStarts: InlineArray<2, Int32> = [0, 0]
  /// The same after packets of the largest size so far. If there are several, that is the size of full ones.
  private var dueAfterLargest: Int32 = 0
  private var falseAfterLargest: InlineArray<2, Int32> = [0, 0]
  private var largest: Int32 = 0
  private var largestCount: Int32 = 0

  /// A packet of this size is complete.
  mutating func ended(_ bytes: Int) {
    let size = Int32(clamping: bytes)
    guard size >= largest else { return }
    if size == largest {
      largestCount += 1
      return
    }
    if largest > 0 {
      dueStarts += dueAfterLargest
      for index in 0...1 { falseStarts[index] += falseAfterLargest[index] }
      (dueAfterLargest, falseAfterLargest) = (0, [0, 0])
    }
    (largest, largestCount) = (size, 1)
  }

  /// A packet that follows one of `size` bytes (0: it is the first one) has to begin with a frame if that one was not full.
  /// `isFalse` says whether it does not, for a frame with or without a mask.
  mutating func due(after size: Int, isFalse: (_ isMasked: Bool) -> Bool) {
    let isAfterLargest = size == 0 || size == Int(largest)
    if isAfterLargest { dueAfterLargest += 1 } else { dueStarts += 1 }
    for index in 0...1 where isFalse(index == 1) {
      if isAfterLargest { falseAfterLargest[index] += 1 } else { falseStarts[index] += 1 }
    }
  }

  private var isLargestFull: Bool { largest >= 128 && largestCount >= 4 }

  /// Packets that a frame was due to begin.
  var due: Int { Int(dueStarts) + (isLargestFull ? 0 : Int(dueAfterLargest)) }

  /// Those of them that did not begin like a frame with this mask bit.
  func falseStarts(masked: Bool) -> Int {
    let index = masked ? 1 : 0
    return Int(falseStarts[index]) + (isLargestFull ? 0 : Int(falseAfterLargest[index]))
  }
}
