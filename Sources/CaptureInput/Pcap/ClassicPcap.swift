import WireBytes

/// The format of libpcap's own files: one header, then records. The layout is that of pcap-savefile(5).
struct ClassicPcap {
  /// Of every packet: the LINKTYPE_ number.
  let linkType: Int32
  private let isSwapped: Bool
  /// Of the fraction of a second.
  let nanosecondsPerUnit: Int64
  let recordHeaderBytes: Int
  private let lengths: Lengths
  /// How much of a packet the capture was told to keep, as its header says.
  let snapLength: Int

  static let fileHeaderBytes = 24
  static let commonRecordHeaderBytes = 16

  /// Records are as nearly all are: of version 2.4, in this machine's byte order, with a header of 16 bytes.
  var hasCommonRecords: Bool {
    !isSwapped && lengths == .capturedFirst && recordHeaderBytes == Self.commonRecordHeaderBytes
  }

  /// In which order a record has its two lengths: versions before 2.4 differ (libpcap's sf-pcap.c tells).
  private enum Lengths {
    case capturedFirst
    case originalFirst
    /// Version 2.3 was written both ways; no packet has more bytes captured than it had.
    case smallerFirst
  }

  /// What may stand at the start of a file.
  private enum Magic {
    static let microseconds: UInt32 = 0xA1B2_C3D4
    static let nanoseconds: UInt32 = 0xA1B2_3C4D
    /// The patch of 1998 that adds interface and protocol to each record.
    static let modified: UInt32 = 0xA1B2_CD34
  }

  /// Whether four bytes, read as a number of this machine's order, begin a classic file in either byte order.
  static func begins(_ magic: UInt32) -> Bool {
    [magic, magic.byteSwapped].contains {
      [Magic.microseconds, Magic.nanoseconds, Magic.modified].contains($0)
    }
  }

  /// Reads the file header, of which the magic number was recognised:
  /// ```
  /// +-----------------+--------+--------+---------------------------------+
  /// |      magic      | major  | minor  |            time zone            |
  /// +-----------------+--------+--------+---------------------------------+
  /// |    accuracy     |   snap length   | FCS length, 0, link type        |
  /// +-----------------+-----------------+---------------------------------+
  /// ```
  /// Nil when libpcap would not know such a version either.
  init?(header block: borrowing InputBlock) {
    let swapped = block.load(0) & 0xFF == 0xA1
    func field(_ place: Int) -> UInt32 { swapped ? block.load(place).byteSwapped : block.load(place) }
    let (major, minor) =
      swapped
      ? (field(4) >> 16, field(4) & 0xFFFF) : (field(4) & 0xFFFF, field(4) >> 16)
    switch (major, minor) {
    case (2, 3): lengths = .smallerFirst
    // 543: DG/UX writes it.
    case (2, ..<3), (543, 0): lengths = .originalFirst
    case (2, _): lengths = .capturedFirst
    default: return nil
    }
    isSwapped = swapped
    snapLength = Int(field(16))
    nanosecondsPerUnit = field(0) == Magic.nanoseconds ? 1 : 1000
    recordHeaderBytes = field(0) == Magic.modified ? 24 : 16
    // The upper bits say whether frames end with a check sequence, and how long it is.
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
    // One comparison for two rare cases: no bytes at all, and more than are there.
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

  /// Reads the rest of a record if need be, and refuses one that cannot be one.
  @inline(never)
  private func hasRest(
    _ captured: Int, _ block: inout InputBlock, _ previous: PacketPlace
  ) throws(RecordDamage) -> Bool {
    guard captured <= InputBlock.longestRecord else {
      throw RecordDamage(offset: block.offset, what: "a record says that it has \(captured) bytes")
    }
    // What a crash leaves of a file whose last bytes were not written yet.
    if captured == 0, (0..<4).allSatisfy({ block.load($0 * 4) == 0 }) {
      throw RecordDamage(offset: block.offset, what: "a record is nothing but zeros")
    }
    if block.count >= recordHeaderBytes &+ captured { return true }
    return try block.fill(recordHeaderBytes &+ captured, "a record", keeping: lookBack(previous))
  }

  /// How many bytes the record that begins `place` bytes behind `next` has, and how many its packet had.
  @inline(__always)
  func recordLengths(_ block: borrowing InputBlock, at place: Int) -> (captured: Int, original: Int) {
    var (captured, original) = (Int(field(block, place &+ 8)), Int(field(block, place &+ 12)))
    if lengths != .capturedFirst && (lengths == .originalFirst || captured > original) {
      swap(&captured, &original)
    }
    return (captured, original)
  }

  /// How many bytes before `next` are to be kept until it is known that a record follows: that of `previous`, the
  /// last one, whose length may have led over others, and some that are shorter.
  @inline(never)
  func lookBack(_ previous: PacketPlace) -> Int {
    // Wherever in the block it lies by now, the last record is right before `next`.
    let length = previous.count &+ recordHeaderBytes
    let isKept = previous.start >= recordHeaderBytes && length <= Self.longestKept
    return (isKept ? length : 0) + Self.alwaysKept
  }

  /// Of longer records what is in them is not looked through.
  private static let longestKept = 128 << 10
  private static let alwaysKept = 16 << 10

  @inline(__always)
  func field(_ block: borrowing InputBlock, _ place: Int) -> UInt32 {
    isSwapped ? block.load(place).byteSwapped : block.load(place)
  }
}
