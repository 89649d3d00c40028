import WireBytes

/// The pcapng format (draft-ietf-opsawg-pcapng): a file of blocks, in sections that each have their own byte
/// order and interfaces.
/// ```
/// +----------------+----------------+------------------+----------------+
/// |   block type   |  total length  | body, 32 bits …  |  total length  |   4 bytes each but for the body
/// +----------------+----------------+------------------+----------------+
/// ```
/// A packet costs as much as one of a classic file: it is walked in place, and of its interface only what its
/// time needs is looked at.
struct Pcapng {
  /// What the file says of its interfaces, sections and packets beside the packets.
  private(set) var notes = CaptureMetadata()

  private var isSwapped = false
  /// Those of the section at hand, by their id.
  private var interfaces: [PcapngInterface] = []
  /// The one of the last packet, and its id; above every id when there is none.
  private var current = PcapngInterface()
  private var currentID = UInt32.max
  /// How many packets before the one at hand were of other interfaces: see `settlePackets`.
  private var packetsBefore: UInt64 = 0

  /// Block types that are read.
  private enum BlockType {
    static let section: UInt32 = 0x0A0D_0D0A
    static let interface: UInt32 = 1
    static let obsoletePacket: UInt32 = 2
    static let simplePacket: UInt32 = 3
    static let statistics: UInt32 = 5
    static let enhancedPacket: UInt32 = 6
    static let secrets: UInt32 = 10

    /// Whether blocks of a type may be larger than is held in memory. Of others only those are believed of which
    /// both lengths agree.
    static func mayBeLarge(_ type: UInt32) -> Bool {
      type >= 1 && type <= 14 || type == 0x0BAD || type == 0x4000_0BAD
    }
  }

  /// The same in both byte orders.
  static let magic: UInt32 = BlockType.section
  /// Whether the word at offset 8 is that of a section header, in either byte order.
  static func isByteOrderMagic(_ word: UInt32) -> Bool { word == 0x1A2B_3C4D || word == 0x4D3C_2B1A }

  /// The shortest section header block: without options.
  static let sectionHeaderBytes = 28

  static let blockHeaderBytes = 8
  /// Type, two lengths, and before the second one nothing.
  static let shortestBlock = 12
  /// Type, length, interface, time, two lengths, length.
  private static let packetOverhead = 32
  /// An interface costs 56 bytes of memory and may be written in 20: a limit that no real file reaches.
  private static let mostInterfaces = 1 << 16

  // MARK: Packets

  /// The next packet: its place in the block; nil at the end of the file.
  /// ```
  /// +----------------+----------------+----------------+----------------+
  /// |       6        |  total length  | interface      | time, high     |
  /// +----------------+----------------+----------------+----------------+
  /// | time, low      | captured bytes | original bytes | the packet …   |
  /// +----------------+----------------+----------------+----------------+
  /// | to 32 bits, options …           |  total length  |
  /// +----------------+----------------+----------------+
  /// ```
  @inline(__always)
  mutating func advance(
    _ block: inout InputBlock, _ record: inout PacketRecord
  ) throws(RecordDamage) -> PacketPlace? {
    while true {
      if block.count < Self.blockHeaderBytes {
        guard try block.fill(Self.blockHeaderBytes, "a block header") else { return nil }
      }
      if field(block, 0) == BlockType.enhancedPacket {
        let total = Int(field(block, 4))
        try require(total, Self.packetOverhead, in: &block, "a packet block")
        return try packet(field(block, 8), total, block: &block, &record)
      }
      if let place = try advanceOther(&block, &record) { return place }
    }
  }

  /// An enhanced packet block, or an obsolete one: they differ in how the interface is written.
  @inline(__always)
  private mutating func packet(
    _ interface: UInt32, _ total: Int, block: inout InputBlock, _ record: inout PacketRecord
  ) throws(RecordDamage) -> PacketPlace {
    let captured = Int(field(block, 20))
    guard captured <= total &- Self.packetOverhead else {
      throw RecordDamage(
        offset: block.offset,
        what: "a packet block of \(total) bytes says that it holds a packet of \(captured) bytes",
        blockBytes: total)
    }
    if interface != currentID { try select(interface, block.offset, total, &record) }
    record.number &+= 1
    record.originalLength = Int(field(block, 24))
    record.time = current.time(UInt64(field(block, 12)) << 32 | UInt64(field(block, 16)))
    if ((captured &+ 3) & ~3) &+ Self.packetOverhead != total {
      notePacketOptions(block, behind: captured, total, record.number)
    }
    let place = PacketPlace(start: block.next &+ 28, count: captured)
    block.consume(total)
    return place
  }

  /// Makes sure of a block whose length is `total`.
  @inline(__always)
  private func require(
    _ total: Int, _ shortest: Int, in block: inout InputBlock, _ what: StaticString
  ) throws(RecordDamage) {
    guard total >= shortest, total & 3 == 0, total <= InputBlock.longestRecord else {
      throw badLength(total, block, what)
    }
    // False only when nothing is left, and a header is.
    if block.count < total { _ = try block.fill(total, what) }
    guard Int(field(block, total &- 4)) == total else { throw differentLengths(total, block, what) }
  }

  @inline(never)
  private func badLength(_ total: Int, _ block: borrowing InputBlock, _ what: StaticString) -> RecordDamage {
    RecordDamage(offset: block.offset, what: "\(what) says that it has \(total) bytes")
  }

  @inline(never)
  private func differentLengths(
    _ total: Int, _ block: borrowing InputBlock, _ what: StaticString
  ) -> RecordDamage {
    RecordDamage(
      offset: block.offset,
      what: "\(what) says \(total) bytes at its begin and \(field(block, total - 4)) at its end")
  }

  @inline(__always)
  func field(_ block: borrowing InputBlock, _ place: Int) -> UInt32 {
    isSwapped ? block.load(place).byteSwapped : block.load(place)
  }

  @inline(never)
  private mutating func select(
    _ id: UInt32, _ offset: UInt64, _ total: Int, _ record: inout PacketRecord
  ) throws(RecordDamage) {
    guard id < interfaces.count else {
      throw RecordDamage(
        offset: offset,
        what: "a packet names interface \(id), and the section has described \(interfaces.count)",
        blockBytes: total)
    }
    settlePackets(record.number)
    (currentID, current) = (id, interfaces[Int(id)])
    record.linkType = current.linkType
    record.interface = Int32(current.place)
  }

  // MARK: Other blocks

  /// Reads on to the first packet, so that what describes the packets is known.
  mutating func readHead(_ block: inout InputBlock, _ record: inout PacketRecord) throws(RecordDamage) {
    while true {
      if block.count < Self.blockHeaderBytes {
        guard try block.fill(Self.blockHeaderBytes, "a block header") else { return }
      }
      switch field(block, 0) {
      case BlockType.enhancedPacket, BlockType.simplePacket, BlockType.obsoletePacket: return
      default: _ = try advanceOther(&block, &record)
      }
    }
  }

  /// The link types of the interfaces that the section at hand has described so far.
  var linkTypes: [Int32] { interfaces.map(\.linkType) }

  /// Takes in a block that is no enhanced packet block: nil unless it is a packet all the same.
  @inline(never)
  private mutating func advanceOther(
    _ block: inout InputBlock, _ record: inout PacketRecord
  ) throws(RecordDamage) -> PacketPlace? {
    let type = field(block, 0)
    // The same word in both byte orders; the length is not.
    if type == BlockType.section {
      try startSection(&block, record.number)
      return nil
    }
    let total = Int(field(block, 4))
    switch type {
    case BlockType.obsoletePacket:
      try require(total, Self.packetOverhead, in: &block, "a packet block")
      // Its interface has 16 bits, and a count of drops behind it another 16.
      let word = field(block, 8)
      return try packet(isSwapped ? word >> 16 : word & 0xFFFF, total, block: &block, &record)
    case BlockType.simplePacket:
      try require(total, 16, in: &block, "a simple packet block")
      return try simplePacket(total, &block, &record)
    case BlockType.interface:
      try require(total, 20, in: &block, "an interface description block")
      try describeInterface(total, block)
    case BlockType.statistics:
      try require(total, 24, in: &block, "an interface statistics block")
      noteStatistics(total, block)
    case BlockType.secrets:
      try require(total, 20, in: &block, "a decryption secrets block")
      noteSecrets(total, block)
    default:
      // Name resolution, custom blocks, what others invented.
      guard total > InputBlock.longestRecord, BlockType.mayBeLarge(type) else {
        try require(total, Self.shortestBlock, in: &block, "a block")
        break
      }
      // Larger than is to be held in memory.
      guard total & 3 == 0 else { throw badLength(total, block, "a block") }
      try block.discard(total, "a block")
      return nil
    }
    block.consume(total)
    return nil
  }

  /// ```
  /// +----------------+----------------+----------------+----------------+
  /// |       3        |  total length  | original bytes | the packet …   |
  /// +----------------+----------------+----------------+----------------+
  /// ```
  /// Always of interface 0, cut by its snap length, and without a time: it takes that of the packet before.
  private mutating func simplePacket(
    _ total: Int, _ block: inout InputBlock, _ record: inout PacketRecord
  ) throws(RecordDamage) -> PacketPlace {
    if currentID != 0 { try select(0, block.offset, total, &record) }
    let original = Int(field(block, 8))
    var captured = min(original, total - 16)
    if current.snapLength > 0 { captured = min(captured, Int(current.snapLength)) }
    record.number &+= 1
    record.originalLength = original
    notes.packetsWithoutTime &+= 1
    let place = PacketPlace(start: block.next + 12, count: captured)
    block.consume(total)
    return place
  }

  /// ```
  /// +----------------+----------------+----------------+--------+-------+
  /// |   0A0D0D0A     |  total length  |    1A2B3C4D    | major  | minor |
  /// +----------------+----------------+----------------+--------+-------+
  /// | section length, −1 when unknown | options …      |  total length  |
  /// +----------------+----------------+----------------+----------------+
  /// ```
  /// The section's length is not needed: its blocks say where it ends, also where it was written wrong.
  private mutating func startSection(_ block: inout InputBlock, _ packets: UInt64) throws(RecordDamage) {
    _ = try block.fill(Self.sectionHeaderBytes, "a section header block")
    switch block.load(8) {
    case 0x1A2B_3C4D: isSwapped = false
    case 0x4D3C_2B1A: isSwapped = true
    default: throw RecordDamage(offset: block.offset, what: "a section header has no byte-order magic")
    }
    let total = Int(field(block, 4))
    try require(total, Self.sectionHeaderBytes, in: &block, "a section header block")
    settlePackets(packets)
    currentID = .max
    interfaces.removeAll(keepingCapacity: true)
    let versions = field(block, 12)
    let major = isSwapped ? versions >> 16 : versions & 0xFFFF
    guard major == 1 else {
      throw RecordDamage(
        offset: block.offset, what: "a section is written in version \(major) of pcapng", blockBytes: total)
    }
    notes.sections &+= 1
    noteComments(block.bytes(from: block.next, total - 4), from: 24, packet: nil)
    block.consume(total)
  }

  /// ```
  /// +----------------+----------------+-------+--------+----------------+
  /// |       1        |  total length  | link  |   0    |  snap length   |
  /// +----------------+----------------+-------+--------+----------------+
  /// | options …      |  total length  |
  /// +----------------+----------------+
  /// ```
  private mutating func describeInterface(_ total: Int, _ block: borrowing InputBlock) throws(RecordDamage) {
    guard interfaces.count < Self.mostInterfaces else {
      throw RecordDamage(
        offset: block.offset, what: "a section describes more than \(Self.mostInterfaces) interfaces",
        blockBytes: total)
    }
    let word = field(block, 8)
    var interface = PcapngInterface()
    interface.linkType = Int32(isSwapped ? word >> 16 : word & 0xFFFF)
    interface.snapLength = field(block, 12)
    var described = CaptureInterface(linkType: interface.linkType)
    var resolution: UInt8 = 6
    let body = block.bytes(from: block.next, total - 4)
    var options = PcapngOptions(from: 16, isSwapped: isSwapped)
    while let option = options.next(in: body) {
      let value = body.extracting(option.value)
      switch option.code {
      case PcapngOption.interfaceName: described.name = CaptureMetadata.text(value)
      case PcapngOption.interfaceDescription: described.description = CaptureMetadata.text(value)
      case PcapngOption.timeResolution where value.count >= 1: resolution = value[0]
      case PcapngOption.timeOffset where value.count >= 8:
        interface.offset = Int64(bitPattern: number64(value))
      case PcapngOption.comment: notes.add(comment: value, packet: nil)
      default: break
      }
    }
    interface.setResolution(resolution)
    interface.place = notes.add(described)
    interfaces.append(interface)
  }

  /// Of the statistics the drops are kept, which stand as options behind interface and time.
  private mutating func noteStatistics(_ total: Int, _ block: borrowing InputBlock) {
    let id = Int(field(block, 8))
    guard id < interfaces.count else { return }
    let body = block.bytes(from: block.next, total - 4)
    var options = PcapngOptions(from: 20, isSwapped: isSwapped)
    while let option = options.next(in: body) {
      let value = body.extracting(option.value)
      guard value.count >= 8 else { continue }
      switch option.code {
      case PcapngOption.receivedByInterface:
        notes.setReceived(number64(value), interface: interfaces[id].place)
      case PcapngOption.droppedByInterface:
        notes.setDropped(number64(value), by: .interface, interface: interfaces[id].place)
      case PcapngOption.droppedBySystem:
        notes.setDropped(number64(value), by: .system, interface: interfaces[id].place)
      default: break
      }
    }
  }

  /// ```
  /// +----------------+----------------+----------------+----------------+
  /// |       10       |  total length  | kind           | length         |
  /// +----------------+----------------+----------------+----------------+
  /// | secrets …      |  total length  |
  /// +----------------+----------------+
  /// ```
  private mutating func noteSecrets(_ total: Int, _ block: borrowing InputBlock) {
    let length = min(Int(field(block, 12)), total - 20)
    notes.add(
      DecryptionSecrets(
        kind: field(block, 8), bytes: block.bytes(from: block.next + 16, length).toArray()))
  }

  @inline(never)
  private mutating func notePacketOptions(
    _ block: borrowing InputBlock, behind captured: Int, _ total: Int, _ number: UInt64
  ) {
    let body = block.bytes(from: block.next, total - 4)
    noteComments(body, from: 28 + ((captured + 3) & ~3), packet: number)
  }

  private mutating func noteComments(_ body: Span<UInt8>, from start: Int, packet: UInt64?) {
    var options = PcapngOptions(from: start, isSwapped: isSwapped)
    while let option = options.next(in: body) {
      guard option.code == PcapngOption.comment else { continue }
      notes.add(comment: body.extracting(option.value), packet: packet)
    }
  }

  private func number64(_ value: Span<UInt8>) -> UInt64 {
    isSwapped ? value.uint64(at: 0) : value.uint64(at: 0).byteSwapped
  }

  /// Counts the packets since the last change of interface for the one they were of.
  mutating func settlePackets(_ packets: UInt64) {
    if currentID != .max { notes.count(packets &- packetsBefore, interface: current.place) }
    packetsBefore = packets
  }
}
