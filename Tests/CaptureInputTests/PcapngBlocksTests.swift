import CaptureInput
import TestSupport
import Testing

/// Every block type, cut and with a wrong length. The packets around it are read all the same.
@Suite("Blocks of pcapng")
struct PcapngBlocksTests {
  struct Block: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// Adds the block, in the byte order of the file.
    let add: @Sendable (inout PcapngBuilder, _ bigEndian: Bool) -> Void

    init(
      _ testDescription: String, _ add: @escaping @Sendable (inout PcapngBuilder, Bool) -> Void
    ) {
      (self.testDescription, self.add) = (testDescription, add)
    }
  }

  static let blocks: [Block] = [
    Block("section header") { file, bigEndian in
      file.section(bigEndian: bigEndian, options: file.option(2, [65, 66]) + file.option(0, []))
    },
    Block("interface description") { file, _ in
      file.interface(linkType: 1, snapLength: 96, options: file.option(2, [65, 66]) + file.option(9, [9]))
    },
    Block("enhanced packet") { file, _ in
      file.packet([7, 7, 7], units: 1, options: file.option(1, [65, 66, 67]) + file.option(0, []))
    },
    Block("simple packet") { file, _ in file.simplePacket([UInt8](repeating: 7, count: 21)) },
    Block("obsolete packet") { file, _ in file.obsoletePacket([7, 7], drops: 1, units: 2) },
    Block("interface statistics") { file, _ in
      file.statistics(
        options: file.option(4, file.number(UInt64(9))) + file.option(5, file.number(UInt64(1))))
    },
    Block("name resolution") { file, _ in
      file.block(4, file.option(1, [10, 0, 0, 1] + Array("host\0".utf8)) + file.option(0, []))
    },
    Block("decryption secrets") { file, _ in file.secrets(Array("CLIENT_RANDOM 00 01\n".utf8)) },
    Block("custom") { file, _ in
      file.block(0x0BAD, file.number(UInt32(32_473)) + [UInt8](repeating: 3, count: 12))
    },
    Block("custom, not to be copied") { file, _ in
      file.block(0x4000_0BAD, file.number(UInt32(32_473)))
    },
    Block("unknown") { file, _ in file.block(0x8000_1234, [UInt8](repeating: 3, count: 20)) },
  ]

  private static let before: [UInt8] = [0xA1, 0xA2]
  private static let after: [[UInt8]] = [
    [UInt8](repeating: 0xB1, count: 61), [UInt8](repeating: 0xC1, count: 90),
  ]

  /// A file with a packet, the block, and two packets, and where the block is.
  private func file(_ block: Block, bigEndian: Bool) -> (bytes: [UInt8], block: Range<Int>) {
    var file = PcapngBuilder(linkType: 1, bigEndian: bigEndian)
    file.packet(Self.before, units: 1)
    let start = file.file.count
    block.add(&file, bigEndian)
    let end = file.file.count
    // In case that the block began a section.
    file.interface(linkType: 1)
    for packet in Self.after { file.packet(packet, units: 3) }
    return (file.file, start..<end)
  }

  @Test("In a good file all packets are read", arguments: blocks, [false, true])
  func whole(block: Block, bigEndian: Bool) throws {
    let reading = try Reading(file(block, bigEndian: bigEndian).bytes)
    #expect(reading.damage == nil)
    #expect(reading.packets.first?.bytes == Self.before)
    #expect(reading.packets.suffix(2).map(\.bytes) == Self.after)
  }

  @Test("A file that ends within the block gives the packets before it", arguments: blocks, [false, true])
  func end(block: Block, bigEndian: Bool) throws {
    let (bytes, range) = file(block, bigEndian: bigEndian)
    for end in range.dropFirst() {
      let reading = try Reading(Array(bytes[..<end]))
      #expect(reading.packets.map(\.bytes) == [Self.before], "\(end - range.lowerBound) bytes")
      #expect(reading.damage?.contains("is cut after packet 1, byte offset \(range.lowerBound)") == true)
    }
  }

  @Test("A block that lost its last bytes costs no other packet", arguments: blocks, [false, true])
  func shortened(block: Block, bigEndian: Bool) throws {
    let (bytes, range) = file(block, bigEndian: bigEndian)
    for length in 1..<range.count {
      var damaged = bytes
      damaged.removeSubrange(range.lowerBound + length..<range.upperBound)
      let reading = try Reading(damaged)
      #expect(reading.packets.first?.bytes == Self.before)
      #expect(
        reading.packets.suffix(2).map(\.bytes) == Self.after, "\(length) bytes: \(reading.damage ?? "")")
      #expect(reading.damage?.contains("(inferred)") == true)
    }
  }

  @Test("A wrong bit in either length costs no other packet", arguments: blocks, [false, true])
  func wrongLength(block: Block, bigEndian: Bool) throws {
    let (bytes, range) = file(block, bigEndian: bigEndian)
    let places = Array(range.lowerBound + 4..<range.lowerBound + 8) + Array(range.suffix(4))
    for place in places {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[place] ^= 1 << UInt8(bit)
        let reading = try Reading(damaged)
        #expect(reading.packets.first?.bytes == Self.before)
        #expect(reading.damage != nil)
        #expect(
          reading.packets.suffix(2).map(\.bytes) == Self.after,
          "byte \(place), bit \(bit): \(reading.damage ?? "")")
      }
    }
  }

  @Test(
    "A length that no such block has costs no other packet, whatever else the file holds", arguments: blocks,
    [false, true])
  func impossibleLength(block: Block, bigEndian: Bool) throws {
    let (bytes, range) = file(block, bigEndian: bigEndian)
    for length: UInt32 in [0, 4, 11, 13, 0x7FFF_FFFC, 0xFFFF_FFFF, 0xFFFF_FFFC, 0x0100_0018] {
      var damaged = bytes
      for index in 0..<4 {
        damaged[range.lowerBound + 4 + index] =
          UInt8(truncatingIfNeeded: length >> UInt32(8 * (bigEndian ? 3 - index : index)))
      }
      let reading = try Reading(damaged)
      #expect(reading.packets.first?.bytes == Self.before)
      #expect(reading.packets.suffix(2).map(\.bytes) == Self.after, "\(length): \(reading.damage ?? "")")
      #expect(reading.damage != nil)
    }
  }

  @Test("A block that claims 16 MiB is not believed in a larger file either, where packets follow it at once")
  func largeFile() throws {
    var file = PcapngBuilder(linkType: 1)
    let start = file.file.count
    file.block(4, [UInt8](repeating: 0, count: 12))
    let packet = [UInt8](repeating: 0x5A, count: 1 << 16)
    for _ in 0..<260 { file.packet(packet, units: 1) }
    var damaged = file.file
    damaged[start + 7] ^= 1
    let reading = try Reading(damaged)
    #expect(reading.packets.count == 260)
    #expect(reading.damage?.contains("a block claims a length of 16777240 bytes") == true)
  }

  @Test("Any byte of the block may be wrong", arguments: blocks, [false, true])
  func wrongByte(block: Block, bigEndian: Bool) throws {
    let (bytes, range) = file(block, bigEndian: bigEndian)
    for place in range {
      for value: UInt8 in [0, 0xFF, 0x80, bytes[place] ^ 1] {
        var damaged = bytes
        damaged[place] = value
        #expect(try Reading(damaged).packets.first?.bytes == Self.before)
      }
    }
  }
}
