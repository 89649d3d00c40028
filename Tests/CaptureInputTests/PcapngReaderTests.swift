import CaptureInput
import TestSupport
import Testing
import WireBytes

@Suite("pcapng")
struct PcapngReaderTests {
  @Test("Sections of either byte order follow each other, each with interfaces of its own")
  func sections() throws {
    var file = PcapngBuilder()
    for (bigEndian, linkType) in [(false, UInt16(1)), (true, 101), (false, 276)] {
      file.section(bigEndian: bigEndian, length: bigEndian ? 12 : .max)
      file.interface(linkType: linkType)
      file.packet([1, 2, 3], units: 5)
    }
    for pieces in waysToRead {
      let reading = try Reading(file.file, pieces: pieces)
      #expect(reading.damage == nil)
      #expect(reading.packets.map(\.linkType) == [1, 101, 276])
      #expect(reading.packets.map(\.interface) == [0, 1, 2])
      #expect(reading.packets.allSatisfy { $0.bytes == [1, 2, 3] && $0.nanoseconds == 5000 })
      #expect(reading.metadata.sections == 3)
    }
  }

  @Test("Each interface has its own link type, snap length and clock")
  func interfaces() throws {
    var file = PcapngBuilder()
    file.section()
    file.interface(linkType: 1, snapLength: 64)
    file.interface(linkType: 101, snapLength: 0, options: file.option(9, [9]))
    file.interface(linkType: 101, options: file.option(9, [0x8A]) + file.option(2, Array("tun0".utf8)))
    file.packet([1], interface: 0, units: 1)
    file.packet([2], interface: 1, units: 1)
    file.packet([3], interface: 2, units: 1024)
    file.packet([4], interface: 2, units: 1025)
    file.packet([5], interface: 0, units: 2)
    let reading = try Reading(file.file)
    #expect(reading.packets.map(\.linkType) == [1, 101, 101, 101, 1])
    #expect(reading.packets.map(\.nanoseconds) == [1000, 1, 1_000_000_000, 1_000_976_562, 2000])
    #expect(reading.metadata.interfaces.map(\.packets) == [2, 1, 2])
    #expect(reading.metadata.interfaces.map(\.name) == [nil, nil, "tun0"])
  }

  /// if_tsresol, if_tsoffset, units, and the nanoseconds that they mean.
  static let clocks: [(resolution: UInt8, offset: Int64, units: UInt64, nanoseconds: Int64)] = [
    (6, 0, 1_700_000_000_123_456, 1_700_000_000_123_456_000),
    (6, 100, 1_000_001, 101_000_001_000),
    (6, -1, 500_000, -500_000_000),
    (0, 0, 7, 7_000_000_000), (3, 0, 1500, 1_500_000_000),
    (9, 0, 1_700_000_000_123_456_789, 1_700_000_000_123_456_789),
    (12, 0, 1_500, 1), (19, 0, 20_000_000_000, 2), (127, 0, .max, 0),
    (0x80, 0, 3, 3_000_000_000), (0x81, 0, 3, 1_500_000_000), (0xBF, 0, 1 << 63, 1_000_000_000),
    (0xFF, 0, .max, 0),
    (0, 0, .max, .max), (6, 0, .max, .max), (9, 0, .max, .max), (0x80, 0, .max, .max),
    (6, .max, .max, .max), (6, .min, 0, .min),
  ]

  @Test("Times may have any resolution and offset; those that no clock shows saturate", arguments: clocks)
  func clock(resolution: UInt8, offset: Int64, units: UInt64, nanoseconds: Int64) throws {
    for bigEndian in [false, true] {
      var file = PcapngBuilder()
      file.section(bigEndian: bigEndian)
      let options = file.option(9, [resolution]) + file.option(14, file.number(offset))
      file.interface(linkType: 1, options: options)
      file.packet([1], units: units)
      #expect(try Reading(file.file).packets.first?.nanoseconds == nanoseconds)
    }
  }

  @Test("Packets in simple and in obsolete packet blocks are read", arguments: [false, true])
  func otherPacketBlocks(bigEndian: Bool) throws {
    var file = PcapngBuilder()
    file.section(bigEndian: bigEndian)
    file.interface(linkType: 1, snapLength: 4)
    file.interface(linkType: 101)
    file.obsoletePacket([1, 2, 3, 4, 5], interface: 1, drops: 3, units: 9)
    file.simplePacket([1, 2, 3, 4], originalLength: 60)
    file.simplePacket([1, 2])
    let reading = try Reading(file.file)
    #expect(reading.damage == nil)
    #expect(reading.packets.map(\.bytes) == [[1, 2, 3, 4, 5], [1, 2, 3, 4], [1, 2]])
    #expect(reading.packets.map(\.originalLength) == [5, 60, 2])
    #expect(reading.packets.map(\.linkType) == [101, 1, 1])
    // A simple packet block has no time: the packet before it has the nearest known one.
    #expect(reading.packets.map(\.nanoseconds) == [9000, 9000, 9000])
    #expect(reading.metadata.packetsWithoutTime == 2)
  }

  @Test(
    "Names, custom and unknown blocks are skipped, whether they fit into the block that is read at once or not"
  )
  func otherBlocks() throws {
    var file = PcapngBuilder(linkType: 1)
    for size in [0, 4, 1000, 256 << 10, 17 << 20] {
      file.packet([7], units: 1)
      file.block(4, [UInt8](repeating: 1, count: size))
      file.block(0x0BAD, [UInt8](repeating: 6, count: size))
      file.block(0x4000_0BAD, [UInt8](repeating: 6, count: size))
      // A type for local use: larger ones are taken for damage.
      file.block(0x8000_1234, [UInt8](repeating: 3, count: min(size, 15 << 20)))
    }
    file.packet([8], units: 2)
    let reading = try Reading(file.file)
    #expect(reading.damage == nil)
    #expect(reading.packets.map(\.bytes) == [[7], [7], [7], [7], [7], [8]])
  }

  @Test("Secrets, comments and drops are kept wherever they are", arguments: [false, true])
  func metadata(bigEndian: Bool) throws {
    var file = PcapngBuilder()
    file.section(bigEndian: bigEndian)
    file.section(bigEndian: bigEndian, options: file.option(3, [1]) + file.option(1, Array("why".utf8)))
    file.interface(
      linkType: 1, options: file.option(2, Array("eth0".utf8)) + file.option(3, Array("wire".utf8)))
    file.secrets(Array("CLIENT_RANDOM 00 01\n".utf8))
    let options = file.option(2, [0, 0, 0, 1]) + file.option(1, Array("odd one".utf8)) + file.option(0, [])
    file.packet([1, 2, 3], units: 1, options: options)
    file.packet([4], units: 2)
    file.statistics(options: file.option(4, file.number(UInt64(9))) + file.option(7, file.number(UInt64(2))))
    file.secrets([1, 2, 3], kind: 7)
    for pieces in waysToRead {
      let metadata = try Reading(file.file, pieces: pieces).metadata
      #expect(metadata.comments == [comment(nil, "why"), comment(1, "odd one")])
      #expect(metadata.interfaces.map(\.name) == ["eth0"])
      #expect(metadata.interfaces.map(\.description) == ["wire"])
      #expect(metadata.interfaces.map(\.received) == [9])
      #expect(metadata.interfaces.map(\.droppedBySystem) == [2])
      #expect(metadata.interfaces.map(\.droppedByInterface) == [nil])
      #expect(metadata.secrets.map(\.kind) == [DecryptionSecrets.tlsKeyLog, 7])
      #expect(metadata.secrets.map(\.bytes) == [Array("CLIENT_RANDOM 00 01\n".utf8), [1, 2, 3]])
    }
  }

  private func comment(_ packet: UInt64?, _ text: String) -> CaptureComment {
    CaptureComment(packet: packet, text: text)
  }

  /// Damage after two good packets, and the words that describe it.
  static let damages: [(words: String, damage: @Sendable (inout PcapngBuilder) -> Void)] = [
    (
      "packet block claims a length of 28 bytes",
      { $0.block(6, [UInt8](repeating: 0, count: 20), length: 28) }
    ),
    ("claims a length of 41 bytes", { $0.block(6, [UInt8](repeating: 0, count: 29), length: 41) }),
    ("claims a length of 4294967292 bytes", { $0.block(6, [1], length: .max - 3) }),
    (
      "36 bytes at its start and 40 at its end",
      { $0.block(6, [UInt8](repeating: 0, count: 24), trailer: 40) }
    ),
    ("a block claims a length of 8 bytes", { $0.block(99, [], length: 8) }),
    ("a block claims a length of 0 bytes", { $0.raw([UInt8](repeating: 0, count: 64)) }),
    (
      "refers to interface 1, but its section has described only 1",
      { $0.packet([1], interface: 1, units: 1) }
    ),
    (
      "packet of 1000 bytes",
      { file in
        let words: [UInt32] = [0, 0, 0, 1000, 1000, 7]
        file.block(6, words.flatMap { file.number($0) })
      }
    ),
    ("no byte-order magic", { $0.block(0x0a0d_0d0a, [UInt8](repeating: 1, count: 16)) }),
    ("version 2", { $0.section(major: 2) }),
    ("the file ends within a block header: 3 of 8 bytes", { $0.raw([6, 0, 0]) }),
    (
      "the file ends within a packet block: 24 of 36 bytes",
      { $0.raw([6, 0, 0, 0, 36, 0, 0, 0] + [UInt8](repeating: 0, count: 16)) }
    ),
    (
      "the file ends within a block: 20 of 4000 bytes",
      { $0.raw([77, 0, 0, 0, 0xA0, 0x0F, 0, 0] + [UInt8](repeating: 0, count: 12)) }
    ),
  ]

  @Test(
    "What comes before damage is read, and the message names packet, byte and what is wrong",
    arguments: damages.indices)
  func damage(index: Int) throws {
    let (words, damage) = Self.damages[index]
    var file = PcapngBuilder(linkType: 1)
    file.packet([1, 2, 3], units: 1)
    file.packet([4, 5], units: 2)
    damage(&file)
    for pieces in waysToRead {
      let reading = try Reading(file.file, pieces: pieces)
      #expect(reading.packets.map(\.bytes) == [[1, 2, 3], [4, 5]])
      let said = try #require(reading.damage)
      #expect(said.contains(words), "\(said)")
      #expect(said.contains("test.pcap"), "\(said)")
      #expect(said.contains("after packet 2, byte offset \(file.blockStarts.last ?? 0):"), "\(said)")
    }
  }

  @Test("A file that is cut anywhere gives the packets before the cut")
  func cutAnywhere() throws {
    var file = PcapngBuilder(linkType: 1)
    for number in 0..<4 { file.packet([UInt8](repeating: 9, count: 5 + number), units: 1) }
    let ends = file.blockStarts.dropFirst(3) + [file.file.count]
    for length in 28...file.file.count {
      let reading = try Reading(Array(file.file[..<length]))
      #expect(reading.packets.count == ends.filter { $0 <= length }.count)
      let isBorder = file.blockStarts.contains(length) || length == file.file.count
      #expect((reading.damage == nil) == isBorder, "\(length): \(reading.damage ?? "")")
    }
    for length in 1..<28 {
      #expect(throws: CaptureError.self) { try Reading(Array(file.file[..<length])) }
    }
  }

  @Test("Damaged files read the same in whatever pieces they come, and neither trap nor hang")
  func mutations() throws {
    var random = SeededRandom.fresh()
    var file = PcapngBuilder()
    for bigEndian in [false, true] {
      file.section(bigEndian: bigEndian)
      file.interface(linkType: 1, options: file.option(2, [65]) + file.option(9, [9]))
      file.interface(linkType: 101, snapLength: 96)
      file.secrets([1, 2, 3])
      for number in 0..<6 {
        file.packet([UInt8](repeating: 9, count: number * 11), interface: UInt32(number % 2), units: 1)
        file.simplePacket([1, 2, 3])
        file.obsoletePacket([1], drops: 0, units: 3)
        file.block(4, [1, 2, 3, 4])
      }
      file.statistics(options: file.option(4, file.number(UInt64(9))))
    }
    for _ in 0..<500 {
      let seed = random
      var damaged = file.file
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(
          in: .min ... .max, using: &random)
      }
      if Bool.random(using: &random) { damaged.removeLast(Int.random(in: 0..<damaged.count, using: &random)) }
      let whole = try? Reading(damaged)
      for pieces in [[1], [3, 1, 64, 5]] {
        #expect((try? Reading(damaged, pieces: pieces)) == whole, "\(seed)")
      }
    }
  }

  @Test("A file of nothing but interfaces, comments or secrets does not fill the memory")
  func bounded() throws {
    var file = PcapngBuilder()
    file.section()
    for _ in 0..<3000 { file.interface(linkType: 1, options: file.option(1, [65])) }
    for _ in 0..<3000 { file.secrets([1]) }
    file.secrets([UInt8](repeating: 0, count: 15 << 20))
    file.secrets([UInt8](repeating: 0, count: 15 << 20))
    let metadata = try Reading(file.file).metadata
    #expect(metadata.interfaces.count == 1024)
    #expect(metadata.comments.count == 1000)
    #expect(metadata.commentsLeftOut == 2000)
    #expect(metadata.secrets.reduce(0) { $0 + $1.bytes.count } <= 16 << 20)
  }
}
