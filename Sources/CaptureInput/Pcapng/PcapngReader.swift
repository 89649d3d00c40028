import WireBytes

/// Reads pcapng (draft-ietf-opsawg-pcapng): a file of blocks, in sections that each have their own byte order and
/// interfaces. Each block type has a file in `Blocks/`.
///
/// A packet costs as much as one of a classic file: it is read in place, and of its interface only what its time needs
/// is looked at.
struct PcapngReader {
  /// What the file says of its interfaces, sections and packets.
  private(set) var metadata = CaptureMetadata()

  private var isSwapped = false
  /// Those of the current section, by their id.
  private var interfaces: [PcapngInterface] = []
  /// The interface of the last packet, and its id; before the first packet the id is above all others.
  private var current = PcapngInterface()
  private var currentID = UInt32.max
  /// The number of packets when `current` last changed: see `settlePackets`.
  private var packetsBefore: UInt64 = 0

  /// An interface costs 56 bytes of memory and can be written in 20; no real file reaches this limit.
  private static let mostInterfaces = 1 << 16

  // MARK: Packets

  /// The next packet: its place in the block; nil at the end of the file.
  @inline(__always)
  mutating func advance(
    _ block: inout InputBlock, _ record: inout PacketRecord
  ) throws(RecordDamage) -> PacketPlace? {
    while true {
      if block.count < PcapngBlockHeader.bytes {
        guard try block.fill(PcapngBlockHeader.bytes, "a block header") else { return nil }
      }
      if field(block, 0) == EnhancedPacketBlock.type {
        let header = PcapngBlockHeader(block, isSwapped: isSwapped)
        try header.requireWhole(&block, atLeast: EnhancedPacketBlock.overhead, "a packet block")
        let packet = EnhancedPacketBlock(block, isSwapped: isSwapped)
        return try take(packet, header.total, &block, &record)
      }
      if let place = try advanceOther(&block, &record) { return place }
    }
  }

  @inline(__always)
  private mutating func take(
    _ packet: EnhancedPacketBlock, _ total: Int, _ block: inout InputBlock, _ record: inout PacketRecord
  ) throws(RecordDamage) -> PacketPlace {
    guard packet.capturedLength <= total &- EnhancedPacketBlock.overhead else {
      throw RecordDamage(
        offset: block.offset,
        what: "a packet block of \(total) bytes claims to hold a packet of \(packet.capturedLength) bytes",
        blockBytes: total)
    }
    if packet.interface != currentID { try select(packet.interface, block.offset, total, &record) }
    record.number &+= 1
    record.originalLength = packet.originalLength
    record.time = current.time(packet.time)
    if packet.optionsStart &+ 4 != total {
      addComments(block, total, from: packet.optionsStart, record.number)
    }
    let place = PacketPlace(
      start: block.next &+ EnhancedPacketBlock.packetStart, count: packet.capturedLength)
    block.consume(total)
    return place
  }

  @inline(__always)
  private func field(_ block: borrowing InputBlock, _ offset: Int) -> UInt32 {
    block.load(offset, isSwapped: isSwapped)
  }

  @inline(never)
  private mutating func select(
    _ id: UInt32, _ offset: UInt64, _ total: Int, _ record: inout PacketRecord
  ) throws(RecordDamage) {
    guard id < interfaces.count else {
      throw RecordDamage(
        offset: offset,
        what: "a packet refers to interface \(id), but its section has described only \(interfaces.count)",
        blockBytes: total)
    }
    settlePackets(record.number)
    (currentID, current) = (id, interfaces[Int(id)])
    record.linkType = current.linkType
    record.interface = Int32(current.place)
  }

  // MARK: Other blocks

  /// Reads up to the first packet, so that what describes the packets is known.
  mutating func readHead(_ block: inout InputBlock, _ record: inout PacketRecord) throws(RecordDamage) {
    while true {
      if block.count < PcapngBlockHeader.bytes {
        guard try block.fill(PcapngBlockHeader.bytes, "a block header") else { return }
      }
      switch field(block, 0) {
      case EnhancedPacketBlock.type, SimplePacketBlock.type, ObsoletePacketBlock.type: return
      default: _ = try advanceOther(&block, &record)
      }
    }
  }

  /// The link types of the interfaces that the current section has described so far.
  var linkTypes: [Int32] { interfaces.map(\.linkType) }

  /// Reads a block other than an enhanced packet block; nil unless it holds a packet all the same.
  @inline(never)
  private mutating func advanceOther(
    _ block: inout InputBlock, _ record: inout PacketRecord
  ) throws(RecordDamage) -> PacketPlace? {
    let type = field(block, 0)
    // A section header says in which byte order its length is.
    if type == SectionHeaderBlock.type {
      try startSection(&block, record.number)
      return nil
    }
    let header = PcapngBlockHeader(block, isSwapped: isSwapped)
    switch type {
    case ObsoletePacketBlock.type:
      try header.requireWhole(&block, atLeast: EnhancedPacketBlock.overhead, "a packet block")
      let packet = ObsoletePacketBlock(block, isSwapped: isSwapped).enhanced
      return try take(packet, header.total, &block, &record)
    case SimplePacketBlock.type:
      try header.requireWhole(&block, atLeast: SimplePacketBlock.overhead, "a simple packet block")
      return try takeSimple(header.total, &block, &record)
    case InterfaceDescriptionBlock.type:
      do throws(RecordDamage) {
        try header.requireWhole(
          &block, atLeast: InterfaceDescriptionBlock.shortest, "an interface description block")
      } catch {
        try saveInterface(&block)
        throw error
      }
      try addInterface(block, header.total)
    case InterfaceStatisticsBlock.type:
      try header.requireWhole(
        &block, atLeast: InterfaceStatisticsBlock.shortest, "an interface statistics block")
      add(InterfaceStatisticsBlock(body(block, header.total)))
    case DecryptionSecretsBlock.type:
      try header.requireWhole(
        &block, atLeast: DecryptionSecretsBlock.shortest, "a decryption secrets block")
      metadata.add(DecryptionSecretsBlock(body(block, header.total)).secrets)
    default:
      // Name resolution blocks, custom blocks, and unknown ones.
      guard header.total <= InputBlock.longestRecord || !PcapngBlockType.mayBeLarge(type) else {
        try discard(header, &block)
        return nil
      }
      try header.requireWhole(&block, atLeast: PcapngBlockHeader.shortestBlock, "a block")
    }
    block.consume(header.total)
    return nil
  }

  /// Skips a block that is larger than is to be held in memory. A wrong bit in the length of a small one makes it as large: so it
  /// is not believed when the file is shorter, or when blocks follow each other where its contents should be.
  private func discard(
    _ header: PcapngBlockHeader, _ block: inout InputBlock
  ) throws(RecordDamage) {
    let search = PcapngResynchronization(isSwapped: isSwapped)
    _ = try block.fill(InputBlock.longestRecord, "a block", of: header.total)
    if search.findsChain(in: &block) { throw header.badLength(block, "a block") }
    try header.discard(&block, "a block")
  }

  /// The block at the start of `block`, which must be whole.
  @_lifetime(borrow block)
  private func body(_ block: borrowing InputBlock, _ total: Int) -> PcapngBody {
    PcapngBody(block.bytes(from: block.next, total - 4), isSwapped: isSwapped)
  }

  /// A simple packet block has no time: it takes that of the packet before.
  private mutating func takeSimple(
    _ total: Int, _ block: inout InputBlock, _ record: inout PacketRecord
  ) throws(RecordDamage) -> PacketPlace {
    if currentID != 0 { try select(0, block.offset, total, &record) }
    let packet = SimplePacketBlock(
      block, total: total, snapLength: current.snapLength, isSwapped: isSwapped)
    record.number &+= 1
    record.originalLength = packet.originalLength
    metadata.packetsWithoutTime &+= 1
    let place = PacketPlace(start: block.next + SimplePacketBlock.packetStart, count: packet.capturedLength)
    block.consume(total)
    return place
  }

  private mutating func startSection(_ block: inout InputBlock, _ packets: UInt64) throws(RecordDamage) {
    _ = try block.fill(SectionHeaderBlock.shortest, "a section header block")
    guard let isSwapped = SectionHeaderBlock.isSwapped(magic: block.load(8)) else {
      throw RecordDamage(offset: block.offset, what: "a section header has no byte-order magic")
    }
    self.isSwapped = isSwapped
    let header = PcapngBlockHeader(block, isSwapped: isSwapped)
    try header.requireWhole(&block, atLeast: SectionHeaderBlock.shortest, "a section header block")
    settlePackets(packets)
    currentID = .max
    interfaces.removeAll(keepingCapacity: true)
    let version = SectionHeaderBlock(body(block, header.total)).majorVersion
    guard version == 1 else {
      throw RecordDamage(
        offset: block.offset, what: "a section has version \(version) of pcapng, and only 1 is known",
        blockBytes: header.total)
    }
    metadata.sections &+= 1
    addComments(block, header.total, from: SectionHeaderBlock.optionsStart, nil)
    block.consume(header.total)
  }

  private mutating func addInterface(_ block: borrowing InputBlock, _ total: Int) throws(RecordDamage) {
    guard interfaces.count < Self.mostInterfaces else {
      throw RecordDamage(
        offset: block.offset, what: "a section describes more than \(Self.mostInterfaces) interfaces",
        blockBytes: total)
    }
    let described = InterfaceDescriptionBlock(body(block, total))
    var interface = described.interface
    interface.place = metadata.add(described.description)
    interfaces.append(interface)
    addComments(block, total, from: InterfaceDescriptionBlock.optionsStart, nil)
  }

  /// Of an interface description whose length is wrong keeps what it says before the next block: without it, all packets of its interface
  /// would be lost, and those of later interfaces would be taken for packets of others.
  private mutating func saveInterface(_ block: inout InputBlock) throws(RecordDamage) {
    let search = PcapngResynchronization(isSwapped: isSwapped)
    guard let total = search.nextBlock(after: InterfaceDescriptionBlock.shortest, in: &block) else { return }
    try addInterface(block, total)
  }

  private mutating func add(_ statistics: InterfaceStatisticsBlock) {
    let id = Int(statistics.interface)
    guard id < interfaces.count else { return }
    metadata.add(statistics, interface: interfaces[id].place)
  }

  /// Keeps the comments among the options from `start` on.
  @inline(never)
  private mutating func addComments(
    _ block: borrowing InputBlock, _ total: Int, from start: Int, _ packet: UInt64?
  ) {
    let body = body(block, total)
    var options = PcapngOptions(from: start)
    while let option = options.next(in: body) {
      guard option.code == PcapngOptions.comment else { continue }
      metadata.add(comment: body.bytes.extracting(option.value), packet: packet)
    }
  }

  /// Counts the packets since the last change of interface for the interface that they came from.
  mutating func settlePackets(_ packets: UInt64) {
    if currentID != .max { metadata.count(packets &- packetsBefore, interface: current.place) }
    packetsBefore = packets
  }

  // MARK: After damage

  /// Moves `block` to the first place from its start on where blocks seem to begin; false without such a place.
  func resynchronize(_ block: inout InputBlock) -> Bool {
    PcapngResynchronization(isSwapped: isSwapped).findBlocks(in: &block)
  }
}
