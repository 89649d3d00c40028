import WireBytes

/// The format of libpcap's own files, as in pcap-savefile(5): one header, then records.
struct ClassicPcap {
  /// The LINKTYPE_ number of all packets.
  let linkType: Int32
  private let isSwapped: Bool
  /// How many nanoseconds a unit of a time's fraction has.
  let nanosecondsPerUnit: Int64
  let recordHeaderBytes: Int
  private let lengths: Lengths
  /// How many bytes of a packet were kept, as the file header says.
  let snapLength: Int

  static let fileHeaderBytes = 24
  static let commonRecordHeaderBytes = 16

  /// Whether records are as in nearly all files: version 2.4, this machine's byte order, a header of 16 bytes.
  var hasCommonRecords: Bool {
    !isSwapped && lengths == .capturedFirst && recordHeaderBytes == Self.commonRecordHeaderBytes
  }

  /// The order of a record's two lengths, which differs in versions before 2.4 (see libpcap's sf-pcap.c).
  private enum Lengths {
    case capturedFirst
    case originalFirst
    /// Version 2.3 was written both ways, and no packet has more captured bytes than original ones.
    case smallerFirst
  }

  /// The first four bytes of a file.
  private enum Magic {
    static let microseconds: UInt32 = 0xA1B2_C3D4
    static let nanoseconds: UInt32 = 0xA1B2_3C4D
    /// The "modified" format of 1998, which adds interface and protocol to each record.
    static let modified: UInt32 = 0xA1B2_CD34
  }

  /// Whether a classic file begins with this number, in either byte order.
  static func begins(_ magic: UInt32) -> Bool {
    [magic, magic.byteSwapped].contains {
      [Magic.microseconds, Magic.nanoseconds, Magic.modified].contains($0)
    }
  }

  /// Reads the file header, whose magic number was recognized:
  /// ```
  /// +-----------------+--------+--------+---------------------------------+
  /// |      magic      | major  | minor  |            time zone            |
  /// +-----------------+--------+--------+---------------------------------+
  /// |    accuracy     |   snap length   | FCS length, 0, link type        |
  /// +-----------------+-----------------+---------------------------------+
  /// ```
  /// Nil for a version that libpcap does not know either.
  init?(header block: borrowing InputBlock) {
    let swapped = block.load(0) & 0xFF == 0xA1
    func field(_ place: Int) -> UInt32 { block.load(place, isSwapped: swapped) }
    let (major, minor) =
      swapped
      ? (field(4) >> 16, field(4) & 0xFFFF) : (field(4) & 0xFFFF, field(4) >> 16)
    switch (major, minor) {
    case (2, 3): lengths = .smallerFirst
    // DG/UX writes version 543.
    case (2, ..<3), (543, 0): lengths = .originalFirst
    case (2, _): lengths = .capturedFirst
    default: return nil
    }
    isSwapped = swapped
    snapLength = Int(field(16))
    nanosecondsPerUnit = field(0) == Magic.nanoseconds ? 1 : 1000
    recordHeaderBytes = field(0) == Magic.modified ? 24 : 16
    // The upper bits say whether frames end with a check sequence (FCS), and how long it is.
    linkType = Int32(field(20) & 0x03FF_FFFF)
  }

  /// The next record: its place in the block; nil at the end of the file.
  /// ```
  /// +----------------+----------------+----------------+----------------+
  /// |    seconds     | µs or ns       | captured bytes | original bytes |   4 bytes each, the writer's order
  /// +----------------+----------------+----------------+----------------+
  /// | the captured bytes …
  /// ```
  @inline(__always)
  func advance(
    _ block: inout InputBlock, _ record: inout PacketRecord, previous: PacketPlace
  ) throws(RecordDamage) -> PacketPlace? {
    if block.count < recordHeaderBytes {
      guard try block.fill(recordHeaderBytes, "a record header", keeping: lookBack(previous)) else {
        return nil
      }
    }
    let (seconds, fraction) = (field(block, 0), field(block, 4))
    let (captured, original) = recordLengths(block, at: 0)
    // One comparison for two rare cases: no bytes at all, and more than have been read.
    if UInt(bitPattern: captured &- 1) >= UInt(bitPattern: block.count &- recordHeaderBytes) {
      guard try hasRest(captured, &block, previous) else { return nil }
    }
    let place = PacketPlace(start: block.next &+ recordHeaderBytes, count: captured)
    block.consume(recordHeaderBytes &+ captured)
    record.number &+= 1
    record.originalLength = original
    // 32 unsigned bits of seconds reach to 2106.
    record.time = CaptureTime(
      nanoseconds: Int64(seconds) &* 1_000_000_000 &+ Int64(fraction) &* nanosecondsPerUnit)
    return place
  }

  /// Reads the rest of a record if need be; throws when it cannot be a record.
  @inline(never)
  private func hasRest(
    _ captured: Int, _ block: inout InputBlock, _ previous: PacketPlace
  ) throws(RecordDamage) -> Bool {
    guard captured <= InputBlock.longestRecord else {
      throw RecordDamage(offset: block.offset, what: "a record claims a length of \(captured) bytes")
    }
    // A crash leaves zeros where the last bytes were not written yet.
    if captured == 0, (0..<4).allSatisfy({ block.load($0 * 4) == 0 }) {
      throw RecordDamage(offset: block.offset, what: "a record header is all zeros")
    }
    if block.count >= recordHeaderBytes &+ captured { return true }
    return try block.fill(recordHeaderBytes &+ captured, "a record", keeping: lookBack(previous))
  }

  /// The captured and the original length of the record that begins `place` bytes after `next`.
  @inline(__always)
  func recordLengths(_ block: borrowing InputBlock, at place: Int) -> (captured: Int, original: Int) {
    var (captured, original) = (Int(field(block, place &+ 8)), Int(field(block, place &+ 12)))
    if lengths != .capturedFirst && (lengths == .originalFirst || captured > original) {
      swap(&captured, &original)
    }
    return (captured, original)
  }

  /// How many bytes before `next` to keep until it is known that a record follows. They cover `previous`, the last
  /// record, whose length may be damaged and have led over others, and some shorter records before it.
  @inline(never)
  func lookBack(_ previous: PacketPlace) -> Int {
    // Wherever it is in the block by now, the last record ends at `next`.
    let length = previous.count &+ recordHeaderBytes
    let isKept = previous.start >= recordHeaderBytes && length <= Self.longestKept
    return (isKept ? length : 0) + Self.alwaysKept
  }

  /// Longer records are not searched for others.
  private static let longestKept = 128 << 10
  private static let alwaysKept = 16 << 10

  @inline(__always)
  func field(_ block: borrowing InputBlock, _ place: Int) -> UInt32 {
    block.load(place, isSwapped: isSwapped)
  }
}
