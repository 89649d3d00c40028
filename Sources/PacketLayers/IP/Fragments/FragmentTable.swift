import WireBytes

/// The datagrams that are not complete yet.
///
/// Bounded in number, bytes and time, so fragments of hostile traffic cost a fixed amount of memory. A capture without
/// fragments allocates nothing here.
struct FragmentTable {
  static let mostDatagrams = 256
  /// The largest total length in IPv4, and in IPv6 without jumbograms, which cannot be fragmented.
  static let longestDatagram = 65_535
  static let mostBytes = 4 << 20
  /// RFC 791 §3.2 proposes 15 s and RFC 8200 §4.5 60 s; Linux and the BSDs wait 30 s.
  static let longestWait: UInt64 = 30_000_000_000

  private(set) var counts = FragmentCounts()
  /// Oldest first.
  private var waiting: [IncompleteDatagram] = []
  private var heldBytes = 0

  /// Incomplete datagrams that count.
  var incompleteDatagrams: Int { waiting.count(where: \.isCounted) }

  /// Adds one fragment with its bytes. `isCounted`: its datagram counts if it never becomes complete.
  mutating func add(
    _ bytes: Span<UInt8>, of fragment: Fragment, isCounted: Bool, _ time: CaptureTime
  ) -> FragmentResult {
    dropTimedOut(time)
    let end = fragment.offset + bytes.count
    guard bytes.count > 0, fragment.isLast || bytes.count % 8 == 0 else {
      return .refused(.badFragmentLength)
    }
    guard end <= Self.longestDatagram else { return .refused(.fragmentBeyondLimit) }

    var index = indexOfDatagram(fragment.key, time)
    guard waiting[index].agrees(end, isLast: fragment.isLast) else { return .refused(.fragmentEndMismatch) }
    if isCounted { waiting[index].isCounted = true }
    makeRoom(for: end, &index)
    counts.fragments += 1
    if waiting[index].add(bytes, of: fragment) == .overlapping { counts.overlaps += 1 }

    guard waiting[index].isComplete else { return .held }
    counts.joinedDatagrams += 1
    let datagram = drop(index)
    return .joined(datagram.bytes, nextHeader: datagram.nextHeader ?? IPProtocol.tcp)
  }

  private mutating func dropTimedOut(_ now: CaptureTime) {
    // In either direction: after a clock was set back nothing may wait for a time that never comes.
    func isLate(_ datagram: IncompleteDatagram) -> Bool {
      now.nanoseconds(since: datagram.began).magnitude > Self.longestWait
    }
    guard waiting.contains(where: isLate) else { return }
    for datagram in waiting where isLate(datagram) {
      heldBytes -= datagram.bytes.count
      if datagram.isCounted { counts.timedOut += 1 }
    }
    waiting.removeAll(where: isLate)
  }

  /// The index of the datagram with this key, which is created if need be.
  private mutating func indexOfDatagram(_ key: FragmentKey, _ time: CaptureTime) -> Int {
    if let index = waiting.lastIndex(where: { $0.key == key }) { return index }
    if waiting.count == Self.mostDatagrams {
      if drop(0).isCounted { counts.evictedByCount += 1 }
    }
    waiting.append(IncompleteDatagram(key: key, began: time))
    return waiting.count - 1
  }

  /// Grows the datagram to `needed` bytes, at the cost of the oldest others.
  private mutating func makeRoom(for needed: Int, _ index: inout Int) {
    let growth = needed - waiting[index].bytes.count
    guard growth > 0 else { return }
    while heldBytes + growth > Self.mostBytes, waiting.count > 1 {
      let oldest = index == 0 ? 1 : 0
      if drop(oldest).isCounted { counts.evictedByMemory += 1 }
      if oldest < index { index -= 1 }
    }
    waiting[index].bytes.reserveCapacity(needed)
    waiting[index].bytes.append(contentsOf: repeatElement(0, count: growth))
    heldBytes += growth
  }

  private mutating func drop(_ index: Int) -> IncompleteDatagram {
    let datagram = waiting.remove(at: index)
    heldBytes -= datagram.bytes.count
    return datagram
  }
}
