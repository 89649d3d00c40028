import WireBytes

/// Which datagram a fragment belongs to (RFC 791 §3.2, RFC 8200 §4.5).
struct FragmentKey: Equatable {
  let source: IPAddress
  let destination: IPAddress
  let identification: UInt32
  let isIPv6: Bool
  /// The protocol; 0 in IPv6, where it may differ between fragments of one datagram.
  let number: UInt8
}

/// Where a fragment's bytes belong.
struct FragmentPlace {
  let key: FragmentKey
  /// From the begin of the datagram, in bytes.
  let offset: Int
  let isLast: Bool
  /// The protocol of what begins at offset 0.
  let nextHeader: UInt8
}

/// What happened to fragments so far.
public struct FragmentCounts: Hashable, Sendable {
  /// Fragments taken in.
  public internal(set) var fragments: UInt64 = 0
  /// Datagrams that became whole.
  public internal(set) var joinedDatagrams: UInt64 = 0
  /// Fragments that brought bytes a second time; the first copy stays.
  public internal(set) var overlaps: UInt64 = 0
  /// Datagrams given up because their first fragment came more than 30 s of capture time before.
  public internal(set) var timedOut: UInt64 = 0
  /// Datagrams given up as the oldest because 256 others were incomplete.
  public internal(set) var evictedByCount: UInt64 = 0
  /// Datagrams given up as the oldest because the incomplete ones held 4 MiB.
  public internal(set) var evictedByMemory: UInt64 = 0

  static func + (left: FragmentCounts, right: FragmentCounts) -> FragmentCounts {
    var sum = left
    sum.fragments += right.fragments
    sum.joinedDatagrams += right.joinedDatagrams
    sum.overlaps += right.overlaps
    sum.timedOut += right.timedOut
    sum.evictedByCount += right.evictedByCount
    sum.evictedByMemory += right.evictedByMemory
    return sum
  }
}

enum FragmentResult {
  case held
  case joined(nextHeader: UInt8)
  case refused(UndecodableReason)
}

/// The datagrams that are not complete yet.
///
/// Bounded in number, bytes and time: fragments of hostile traffic cost a fixed amount of memory. The
/// arrays stay unallocated in a capture without fragments.
struct FragmentTable {
  static let mostDatagrams = 256
  /// The largest total length that IPv4 can write, and IPv6 without jumbograms, which cannot be fragmented.
  static let longestDatagram = 65_535
  static let mostBytes = 4 << 20
  /// RFC 791 §3.2 proposes 15 s, RFC 8200 §4.5 60 s; Linux and the BSDs wait 30 s.
  static let longestWait: UInt64 = 30_000_000_000

  private(set) var counts = FragmentCounts()
  /// Oldest first.
  private var waiting: [IncompleteDatagram] = []
  private var heldBytes = 0
  private var joinedBytes: [UInt8] = []
  /// Whether datagrams count of which the begin has not come: it may show that they are of no interest.
  private let countsUnknown: Bool

  init(countsUnknown: Bool) { self.countsUnknown = countsUnknown }

  var joined: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get { joinedBytes.span }
  }

  /// The datagram that was joined last, out of the table: what lies in it may have to be joined again.
  mutating func takeJoined() -> [UInt8] {
    defer { joinedBytes = [] }
    return joinedBytes
  }

  /// Makes `datagram` the one that was joined last.
  mutating func giveBack(_ datagram: [UInt8]) { joinedBytes = datagram }

  var incompleteDatagrams: Int { waiting.count { matters($0) } }

  private func matters(_ datagram: IncompleteDatagram) -> Bool {
    countsUnknown || datagram.nextHeader != nil
  }

  /// Whether a fragment is worth keeping. In IPv6 only the first fragment's number counts, but senders
  /// write the same one everywhere: fragments of UDP need not wait here for their first one.
  static func mayCarryTCP(_ nextHeader: UInt8) -> Bool {
    switch nextHeader {
    case IPProtocol.tcp, IPProtocol.hopByHop, IPProtocol.routing, IPProtocol.destinationOptions,
      IPProtocol.authentication, IPProtocol.fragment:
      true
    default: false
    }
  }

  /// Whether a fragment may be of a tunnel's packet.
  static func mayCarryTunnel(_ number: UInt8) -> Bool {
    switch number {
    case IPProtocol.ipv4, IPProtocol.ipv6, IPProtocol.gre, IPProtocol.udp: true
    default: false
    }
  }

  /// Lets go what came of a datagram that is of no interest.
  mutating func forget(_ key: FragmentKey) {
    if let index = waiting.lastIndex(where: { $0.key == key }) { drop(index) }
  }

  /// Takes one fragment in.
  mutating func add(_ bytes: Span<UInt8>, at place: FragmentPlace, _ time: CaptureTime) -> FragmentResult {
    dropTimedOut(time)
    let end = place.offset + bytes.count
    guard bytes.count > 0, place.isLast || bytes.count % 8 == 0 else { return .refused(.badFragmentLength) }
    guard end <= Self.longestDatagram else { return .refused(.fragmentBeyondLimit) }

    var index = indexOfDatagram(place.key, time)
    guard waiting[index].agrees(end, isLast: place.isLast) else { return .refused(.fragmentEndMismatch) }
    makeRoom(for: end, &index)
    counts.fragments += 1
    if waiting[index].take(bytes, at: place) == .overlapping { counts.overlaps += 1 }

    guard waiting[index].isComplete else { return .held }
    return .joined(nextHeader: finish(index))
  }

  private mutating func dropTimedOut(_ now: CaptureTime) {
    // Either direction: after a step of the clock nothing may wait for a time that never comes.
    func isLate(_ datagram: IncompleteDatagram) -> Bool {
      now.nanoseconds(since: datagram.began).magnitude > Self.longestWait
    }
    guard waiting.contains(where: isLate) else { return }
    for datagram in waiting where isLate(datagram) {
      heldBytes -= datagram.bytes.count
      if matters(datagram) { counts.timedOut += 1 }
    }
    waiting.removeAll(where: isLate)
  }

  /// The datagram with this key, a new one if there is none.
  private mutating func indexOfDatagram(_ key: FragmentKey, _ time: CaptureTime) -> Int {
    if let index = waiting.lastIndex(where: { $0.key == key }) { return index }
    if waiting.count == Self.mostDatagrams {
      if matters(drop(0)) { counts.evictedByCount += 1 }
    }
    waiting.append(IncompleteDatagram(key: key, began: time))
    return waiting.count - 1
  }

  /// Gives the datagram space for `needed` bytes, at the cost of the oldest others.
  private mutating func makeRoom(for needed: Int, _ index: inout Int) {
    let growth = needed - waiting[index].bytes.count
    guard growth > 0 else { return }
    while heldBytes + growth > Self.mostBytes, waiting.count > 1 {
      let oldest = index == 0 ? 1 : 0
      if matters(drop(oldest)) { counts.evictedByMemory += 1 }
      if oldest < index { index -= 1 }
    }
    waiting[index].bytes.reserveCapacity(needed)
    waiting[index].bytes.append(contentsOf: repeatElement(0, count: growth))
    heldBytes += growth
  }

  /// Takes a complete datagram out and puts its bytes into `joined`; returns the protocol of its begin.
  private mutating func finish(_ index: Int) -> UInt8 {
    let datagram = drop(index)
    counts.joinedDatagrams += 1
    joinedBytes = datagram.bytes
    return datagram.nextHeader ?? IPProtocol.tcp
  }

  @discardableResult
  private mutating func drop(_ index: Int) -> IncompleteDatagram {
    let datagram = waiting.remove(at: index)
    heldBytes -= datagram.bytes.count
    return datagram
  }
}

/// What came of one datagram so far.
private struct IncompleteDatagram {
  enum Fit {
    case fresh
    case overlapping
  }

  let key: FragmentKey
  /// When its first fragment came.
  let began: CaptureTime
  var bytes: [UInt8] = []
  private var blocks = FragmentBlocks()
  /// Where the furthest fragment ends.
  private var furthest = 0
  /// Known since the last fragment came.
  private var length: Int?
  /// Known since the first fragment came.
  private(set) var nextHeader: UInt8?

  init(key: FragmentKey, began: CaptureTime) {
    self.key = key
    self.began = began
  }

  var isComplete: Bool {
    guard let length else { return false }
    return blocks.count == (length + 7) / 8
  }

  /// Whether a fragment fits what earlier ones said about where the datagram ends.
  func agrees(_ end: Int, isLast: Bool) -> Bool {
    if let length { return isLast ? end == length : end <= length }
    return !isLast || end >= furthest
  }

  /// Copies the blocks that are new; `bytes` must have the room. The first copy wins, as on BSD. RFC 5722
  /// would have an IPv6 host drop the datagram; an observer cannot know which host obeys.
  mutating func take(_ fragment: Span<UInt8>, at place: FragmentPlace) -> Fit {
    var fit = Fit.fresh
    for from in stride(from: 0, to: fragment.count, by: 8) {
      guard blocks.insert((place.offset + from) / 8) else {
        fit = .overlapping
        continue
      }
      for index in from..<min(from + 8, fragment.count) { bytes[place.offset + index] = fragment[index] }
    }
    furthest = max(furthest, place.offset + fragment.count)
    if place.isLast { length = furthest }
    if place.offset == 0, nextHeader == nil { nextHeader = place.nextHeader }
    return fit
  }
}
