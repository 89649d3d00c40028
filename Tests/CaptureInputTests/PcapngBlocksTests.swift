import CaptureInput
import TestSupport
import Testing

/// Every block type, cut and with a wrong length. The packets around it are read all the same.
@Suite("Blocks of pcapng")
struct PcapngBlocksTests {
  struct Block: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// Whether blocks of the type are skipped, so that a length above 16 MiB is believed.
    var maySkip = false
    let add: @Sendable (inout PcapngBuilder) -> Void
  }

  static let blocks: [Block] = [
    Block(testDescription: "section header") {
      $0.section(bigEndian: true, options: [0, 1, 0, 2, 65, 66, 0, 0, 0, 0, 0, 0])
    },
    Block(testDescription: "interface description") {
      $0.interface(linkType: 1, snapLength: 96, options: $0.option(2, [65, 66]) + $0.option(9, [9]))
    },
    Block(testDescription: "enhanced packet") {
      $0.packet([7, 7, 7], units: 1, options: $0.option(1, [65, 66, 67]) + $0.option(0, []))
    },
    Block(testDescription: "simple packet") { $0.simplePacket([UInt8](repeating: 7, count: 21)) },
    Block(testDescription: "obsolete packet") { $0.obsoletePacket([7, 7], drops: 1, units: 2) },
    Block(testDescription: "interface statistics") {
      $0.statistics(options: $0.option(4, $0.number(UInt64(9))) + $0.option(5, $0.number(UInt64(1))))
    },
    Block(testDescription: "name resolution", maySkip: true) {
      $0.block(4, $0.option(1, [10, 0, 0, 1] + Array("host\0".utf8)) + $0.option(0, []))
    },
    Block(testDescription: "decryption secrets") { $0.secrets(Array("CLIENT_RANDOM 00 01\n".utf8)) },
    Block(testDescription: "custom", maySkip: true) {
      $0.block(0x0BAD, $0.number(UInt32(32_473)) + [UInt8](repeating: 3, count: 12))
    },
    Block(testDescription: "custom, not to be copied", maySkip: true) {
      $0.block(0x4000_0BAD, $0.number(UInt32(32_473)))
    },
    Block(testDescription: "unknown") { $0.block(0x8000_1234, [UInt8](repeating: 3, count: 20)) },
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
    block.add(&file)
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
        // A skipped block may be as long as it likes, and what follows is taken for its contents.
        let isHighest = place == range.lowerBound + (isBigEndian(block, bigEndian) ? 4 : 7)
        if block.maySkip && isHighest {
          #expect(reading.packets.count == 1)
        } else {
          #expect(
            reading.packets.suffix(2).map(\.bytes) == Self.after,
            "byte \(place), bit \(bit): \(reading.damage ?? "")")
        }
      }
    }
  }

  private func isBigEndian(_ block: Block, _ bigEndian: Bool) -> Bool {
    block.testDescription == "section header" || bigEndian
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
