import PacketLayers
import Sessions
import WireBytes

/// What is counted of packets, whatever becomes of them.
struct PacketTotals {
  var packets: UInt64 = 0
  var bytes: UInt64 = 0
  var notTCP: UInt64 = 0
  var lastPacket: UInt64 = 0
  /// Packets of which the capture holds fewer bytes than there were on the wire.
  private(set) var truncated: UInt64 = 0
  /// Captured bytes of the shortest and of the longest of them.
  private(set) var truncatedLengths = (shortest: Int.max, longest: 0)
  /// Packets that are not in order of their time.
  private(set) var order = TimeOrder()
  private var first = Int64.max
  /// The latest so far. Above all times before the first packet, so that one comparison serves every packet.
  private var last = Int64.max
  private var undecodable = InlineArray<32, UInt64>(repeating: 0)

  /// Of nothing; packets are counted that come after these.
  func next() -> PacketTotals {
    var totals = PacketTotals()
    totals.last = last
    return totals
  }

  @inline(__always)
  mutating func count(_ number: UInt64, _ time: CaptureTime, _ originalLength: Int, captured: Int) {
    packets &+= 1
    if captured < originalLength { countTruncated(captured) }
    bytes &+= UInt64(truncatingIfNeeded: originalLength)
    if time.nanoseconds >= last { last = time.nanoseconds } else { countEarlier(time.nanoseconds) }
    lastPacket = number
  }

  @inline(never)
  private mutating func countTruncated(_ captured: Int) {
    truncated &+= 1
    noteTruncated((captured, captured))
  }

  private mutating func noteTruncated(_ lengths: (shortest: Int, longest: Int)) {
    truncatedLengths.shortest = min(truncatedLengths.shortest, lengths.shortest)
    truncatedLengths.longest = max(truncatedLengths.longest, lengths.longest)
  }

  /// The first packet, or one that follows a packet with a later time.
  @inline(never)
  private mutating func countEarlier(_ time: Int64) {
    first = min(first, time)
    if last == .max { last = time } else { order.add(last &- time) }
  }

  mutating func count(_ reason: UndecodableReason) {
    undecodable[Int(reason.rawValue)] &+= 1
  }

  /// Adds those of packets that come later, and were counted from `next()` on.
  mutating func add(_ later: borrowing PacketTotals) {
    guard later.packets > 0 else { return }
    packets &+= later.packets
    bytes &+= later.bytes
    notTCP &+= later.notTCP
    truncated &+= later.truncated
    noteTruncated(later.truncatedLengths)
    lastPacket = later.lastPacket
    (first, last) = (min(first, later.first), later.last)
    order.add(later.order)
    for index in undecodable.indices { undecodable[index] &+= later.undecodable[index] }
  }

  /// The earliest and the latest time; nil without packets.
  var times: (first: CaptureTime, last: CaptureTime)? {
    packets > 0 ? (CaptureTime(nanoseconds: first), CaptureTime(nanoseconds: last)) : nil
  }

  /// How many packets could not be decoded, by the reason's name.
  var byReason: [(reason: String, packets: UInt64)] {
    UndecodableReason.allCases.compactMap { reason in
      let count = undecodable[Int(reason.rawValue)]
      return count > 0 ? (reason.name, count) : nil
    }
  }
}
