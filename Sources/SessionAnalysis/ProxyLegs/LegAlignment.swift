import WireBytes

/// The messages of one direction on two legs, paired in their order as they come.
///
/// A proxy keeps the order of a direction. What one leg has waits until the other one has it too; when that leg shows a
/// later message first, the earlier ones were not passed on, or as other messages. No message waits on both legs at once.
struct LegAlignment {
  let side: Side
  /// Messages that both legs have.
  private(set) var matched: UInt64 = 0
  /// Equal messages on both legs that tell something about whose they are.
  private(set) var telling = 0
  /// Matched ones that the second leg on the way had before the first.
  private(set) var backwards: UInt64 = 0
  /// The time from the first leg on the way to the second: what the proxy adds.
  private(set) var delays = Distribution()
  /// Messages that were not compared, because one of them is not known whole.
  private(set) var notCompared: UInt64 = 0
  /// The first differences.
  private(set) var differences: [LegDifference] = []
  private(set) var differenceCount: UInt64 = 0
  /// A leg was found in the middle: what comes before the first match is no difference.
  let mayStartLate: Bool

  private var front: [MessageFingerprint] = []
  private var back: [MessageFingerprint] = []
  private var lastTelling: UInt64 = 0

  /// Messages of one leg that wait for the other; of more the oldest is taken to be on that leg only.
  static let waitingLimit = 256
  /// Differences that are listed.
  static let differenceLimit = 16

  init(side: Side, mayStartLate: Bool) { (self.side, self.mayStartLate) = (side, mayStartLate) }

  /// Messages that one leg has and the other does not, yet.
  var waiting: Int { front.count + back.count }

  mutating func receive(_ message: MessageFingerprint, onFront: Bool) {
    let others = onFront ? back : front
    if let hash = message.hash, let index = others.firstIndex(where: { $0.hash == hash }) {
      let other = others[index]
      settle(
        front: onFront ? front[...] : front[..<index], back: onFront ? back[..<index] : back[...])
      if onFront {
        front = []
        back.removeSubrange(...index)
      } else {
        back = []
        front.removeSubrange(...index)
      }
      match(front: onFront ? message : other, back: onFront ? other : message)
    } else if onFront {
      front.append(message)
      if front.count > Self.waitingLimit { settle(front: [front.removeFirst()], back: []) }
    } else {
      back.append(message)
      if back.count > Self.waitingLimit { settle(front: [], back: [back.removeFirst()]) }
    }
  }

  /// Nothing follows. `isWhole`: both legs are in the capture to their ends. `end`: the packet that began the end of either leg first;
  /// what came later could not be passed on any more.
  mutating func finish(isWhole: Bool, end: UInt64 = .max) {
    if isWhole {
      let count = max(front.count, back.count)
      front.removeAll { $0.packet > end }
      back.removeAll { $0.packet > end }
      notCompared &+= UInt64(count - max(front.count, back.count))
      settle(front: front[...], back: back[...])
    } else {
      notCompared &+= UInt64(max(front.count, back.count))
    }
    (front, back) = ([], [])
  }

  private mutating func match(front: MessageFingerprint, back: MessageFingerprint) {
    matched &+= 1
    let delay =
      side == .client
      ? back.time.nanoseconds(since: front.time) : front.time.nanoseconds(since: back.time)
    if delay < 0 { backwards &+= 1 }
    delays.add(delay)
    if front.bytes >= MessageFingerprint.telling, front.hash != lastTelling {
      telling += 1
      lastTelling = front.hash ?? 0
    }
  }

  /// These messages stand between two that both legs have: they are the same ones in another shape, or were not passed on.
  private mutating func settle(front: ArraySlice<MessageFingerprint>, back: ArraySlice<MessageFingerprint>) {
    if front.isEmpty && back.isEmpty || mayStartLate && matched == 0 { return }
    let unknown = front.contains { $0.hash == nil } || back.contains { $0.hash == nil }
    if unknown {
      notCompared &+= UInt64(max(front.count, back.count))
      return
    }
    let (fronts, backs) = (Array(front), Array(back))
    for index in 0..<max(fronts.count, backs.count) {
      differenceCount &+= 1
      guard differences.count < Self.differenceLimit else { continue }
      differences.append(
        LegDifference(
          side: side, front: index < fronts.count ? fronts[index] : nil,
          back: index < backs.count ? backs[index] : nil))
    }
  }
}
