import WireBytes

/// Writes pcapng files block by block, well-formed or not: sections, interfaces, packets and everything beside.
public struct PcapngBuilder: Sendable {
  /// The file so far.
  public private(set) var file: [UInt8] = []
  /// Where each block begins.
  public private(set) var blockStarts: [Int] = []
  private var bigEndian = false

  /// A file without blocks.
  public init() {}

  /// A file with one section and one interface.
  public init(linkType: UInt16, bigEndian: Bool = false) {
    section(bigEndian: bigEndian)
    interface(linkType: linkType)
  }

  /// A section header block.
  public mutating func section(
    bigEndian: Bool = false, major: UInt16 = 1, minor: UInt16 = 0, length: UInt64 = .max,
    options: [UInt8] = []
  ) {
    self.bigEndian = bigEndian
    block(
      0x0a0d_0d0a, number(UInt32(0x1a2b_3c4d)) + number(major) + number(minor) + number(length) + options)
  }

  /// An interface description block.
  public mutating func interface(linkType: UInt16, snapLength: UInt32 = 0, options: [UInt8] = []) {
    block(1, number(linkType) + [0, 0] + number(snapLength) + options)
  }

  /// An enhanced packet block; `units` is the time as the interface counts it.
  public mutating func packet(
    _ bytes: [UInt8], interface: UInt32 = 0, units: UInt64, originalLength: Int? = nil, options: [UInt8] = []
  ) {
    block(
      6,
      number(interface) + number(UInt32(units >> 32)) + number(UInt32(truncatingIfNeeded: units))
        + number(UInt32(bytes.count)) + number(UInt32(originalLength ?? bytes.count)) + padded(bytes)
        + options)
  }

  /// A simple packet block.
  public mutating func simplePacket(_ bytes: [UInt8], originalLength: Int? = nil) {
    block(3, number(UInt32(originalLength ?? bytes.count)) + padded(bytes))
  }

  /// A packet block of before 2004.
  public mutating func obsoletePacket(_ bytes: [UInt8], interface: UInt16 = 0, drops: UInt16, units: UInt64) {
    block(
      2,
      number(interface) + number(drops) + number(UInt32(units >> 32))
        + number(UInt32(truncatingIfNeeded: units)) + number(UInt32(bytes.count))
        + number(UInt32(bytes.count)) + padded(bytes))
  }

  /// An interface statistics block.
  public mutating func statistics(interface: UInt32 = 0, options: [UInt8]) {
    block(5, number(interface) + number(UInt64(0)) + options)
  }

  /// A decryption secrets block.
  public mutating func secrets(_ bytes: [UInt8], kind: UInt32 = 0x544c_534b) {
    block(10, number(kind) + number(UInt32(bytes.count)) + padded(bytes))
  }

  /// A block of any type; `length` and `trailer` replace the true total length.
  public mutating func block(_ type: UInt32, _ body: [UInt8], length: UInt32? = nil, trailer: UInt32? = nil) {
    let total = UInt32(12 + body.count)
    blockStarts.append(file.count)
    file += number(type) + number(length ?? total) + body + number(trailer ?? length ?? total)
  }

  /// Any bytes.
  public mutating func raw(_ bytes: [UInt8]) {
    blockStarts.append(file.count)
    file += bytes
  }

  /// An option in the byte order of the section at hand.
  public func option(_ code: UInt16, _ value: [UInt8]) -> [UInt8] {
    number(code) + number(UInt16(value.count)) + padded(value)
  }

  /// A number in the byte order of the section at hand.
  public func number(_ value: some FixedWidthInteger) -> [UInt8] {
    bigEndian ? bigEndianBytes(value) : bigEndianBytes(value).reversed()
  }

  private func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: -bytes.count & 3)
  }

  /// Adds packets in the order of the array, with times in microseconds.
  public mutating func add(_ packets: [Packet], interface: UInt32 = 0) {
    for packet in packets {
      self.packet(
        packet.bytes, interface: interface, units: UInt64(packet.time.nanoseconds / 1000),
        originalLength: packet.originalLength)
    }
  }
}
