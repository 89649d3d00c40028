import WireBytes

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
