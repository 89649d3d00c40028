import CaptureInput
import TestSupport
import Testing
import WireBytes

@Suite("Resuming after damage")
struct ResynchronizationTests {
  /// Packets of random bytes, each with its number before them.
  private static func packets(_ count: Int, _ random: inout SeededRandom) -> [[UInt8]] {
    (0..<count).map { number in
      bigEndianBytes(UInt32(number)) + random.bytes(Int.random(in: 20...1500, using: &random))
    }
  }

  private static func time(_ number: Int) -> CaptureTime {
    CaptureTime(seconds: 1_700_000_000 + Int64(number / 100), nanoseconds: Int64(number % 100) * 1_000_000)
  }

  /// A file, and where each record begins.
  private struct File {
    var bytes: [UInt8] = []
    var starts: [Int] = []
    var packets: [[UInt8]]

    init(pcapng: Bool, bigEndian: Bool, _ packets: [[UInt8]]) {
      self.packets = packets
      if pcapng {
        var file = PcapngBuilder(linkType: 1, bigEndian: bigEndian)
        for (number, packet) in packets.enumerated() {
          file.packet(packet, units: UInt64(time(number).nanoseconds / 1000))
        }
        (bytes, starts) = (file.file, Array(file.blockStarts.dropFirst(2)))
      } else {
        var file = CaptureBuilder(bigEndian: bigEndian)
        for (number, packet) in packets.enumerated() {
          starts.append(file.file.count)
          file.packet(packet, time: time(number))
        }
        bytes = file.file
      }
    }

    /// Whether the length that these bytes would be as a record is one that the file has room for.
    func mayReadRecord(at place: Int, bigEndian: Bool) -> Bool {
      guard place + 16 <= bytes.count else { return false }
      let field = Array(bytes[place + 8..<place + 12])
      let length = (bigEndian ? field : field.reversed()).reduce(0) { $0 << 8 | Int($1) }
      return place + 16 + length <= bytes.count
    }

    func expect(_ reading: Reading, without lost: Range<Int>, _ what: String) {
      let numbers = Dictionary(uniqueKeysWithValues: packets.enumerated().map { ($1, $0) })
      let read = reading.packets.compactMap { numbers[$0.bytes] }
      let whole = Array(0..<lost.lowerBound) + Array(lost.upperBound..<packets.count)
      #expect(read == whole, "\(what), without \(lost): \(starts) \(reading.damage ?? "")")
      #expect(reading.damage?.contains("(inferred)") == true, "\(what): \(reading.damage ?? "")")
    }
  }

  private static let kinds = [(false, false), (false, true), (true, false), (true, true)]

  @Test("Overwritten bytes cost only the packets that they were in", arguments: kinds)
  func overwritten(pcapng: Bool, bigEndian: Bool) throws {
    var random = SeededRandom.fresh()
    for _ in 0..<50 {
      let seed = random.description
      var file = File(pcapng: pcapng, bigEndian: bigEndian, Self.packets(40, &random))
      // From within a record's header, over up to three records.
      let first = Int.random(in: 1..<30, using: &random)
      let last = first + Int.random(in: 0..<3, using: &random)
      let end = Int.random(in: file.starts[last] + 24..<file.starts[last + 1], using: &random)
      // A length that is certainly wrong.
      for place in file.starts[first]..<end {
        file.bytes[place] = UInt8.random(in: 0x80...0xff, using: &random)
      }
      file.expect(try Reading(file.bytes), without: first..<last + 1, seed)
    }
  }

  @Test("Missing or additional bytes cost only the packets that they were in", arguments: kinds)
  func lost(pcapng: Bool, bigEndian: Bool) throws {
    var random = SeededRandom.fresh()
    for _ in 0..<50 {
      let seed = random.description
      var file = File(pcapng: pcapng, bigEndian: bigEndian, Self.packets(40, &random))
      let first = Int.random(in: 1..<30, using: &random)
      let place = file.starts[first] + 16 + 8
      // 4 bytes less or more are not noticed in pcap: the two lengths of a record are the same.
      // 8 bytes less are not noticed in pcapng where the next block has the same length: it is in the place of the
      // second length then.
      let isSameLength =
        file.starts[first + 2] - file.starts[first + 1] == file.starts[first + 1] - file.starts[first]
      let fewer = [1, 2, 3, 5, 6, 7, 9, 16] + (pcapng && isSameLength ? [] : [8])
      if Bool.random(using: &random) {
        file.bytes.removeSubrange(place..<place + fewer.randomElement(using: &random)!)
      } else {
        let more = [UInt8](repeating: 0, count: Int.random(in: 5...5000, using: &random))
        file.bytes.insert(contentsOf: more, at: place)
      }
      file.expect(try Reading(file.bytes), without: first..<first + 1, seed)
    }
  }

  @Test("A length with a wrong bit does not swallow what follows", arguments: [false, true])
  func wrongLength(bigEndian: Bool) throws {
    var random = SeededRandom.fresh()
    // Bit 2: see above.
    for bit in 0..<32 where bit != 2 {
      let seed = random.description
      var file = File(pcapng: false, bigEndian: bigEndian, Self.packets(60, &random))
      let first = Int.random(in: 1..<10, using: &random)
      // A length that leads to the start of another record by chance cannot be noticed.
      let length = file.starts[first + 1] - file.starts[first] - 16
      let landing = file.starts[first] + 16 + (length ^ 1 << bit)
      guard !file.starts.contains(where: { abs($0 - landing) <= 4 }) else { continue }
      // Nor can, at once, one that leads to bytes that read as a record: it is farther back then than is searched.
      guard !file.mayReadRecord(at: landing, bigEndian: bigEndian) else { continue }
      let byte = bigEndian ? 3 - bit / 8 : bit / 8
      file.bytes[file.starts[first] + 8 + byte] ^= 1 << UInt8(bit % 8)
      for pieces in [[.max], [1000, 3]] {
        file.expect(
          try Reading(file.bytes, pieces: pieces), without: first..<first + 1, "bit \(bit), \(seed)")
      }
    }
  }

  @Test(
    "An interface description with a wrong length costs no packet, and its times and names are those that it gives",
    arguments: [false, true], [0, 8, 12, 19, 20, 0x1000_0020, 0x40, 400])
  func interface(bigEndian: Bool, length: UInt32) throws {
    var random = SeededRandom.fresh()
    let packets = Self.packets(20, &random)
    for isLastLength in [false, true] {
      // The description is the second block, after the section header.
      var file = PcapngBuilder()
      file.section(bigEndian: bigEndian)
      file.interface(linkType: 1, options: file.option(2, Array("eth0".utf8)) + file.option(9, [9]))
      for (number, packet) in packets.enumerated() {
        file.packet(packet, units: UInt64(Self.time(number).nanoseconds))
      }
      var bytes = file.file
      let place = isLastLength ? file.blockStarts[2] - 4 : file.blockStarts[1] + 4
      let field = bigEndianBytes(length)
      bytes.replaceSubrange(place..<place + 4, with: bigEndian ? field : field.reversed())
      let reading = try Reading(bytes)
      #expect(reading.packets.map(\.bytes) == packets, "\(reading.damage ?? "")")
      #expect(reading.packets.map(\.nanoseconds) == packets.indices.map { Self.time($0).nanoseconds })
      #expect(reading.metadata.interfaces.map(\.name) == ["eth0"])
      #expect(reading.damage?.contains("interface description block") == true)
    }
  }

  @Test("The message names the place, the bytes that were skipped, and that this is inferred")
  func words() throws {
    var random = SeededRandom(seed: 1)
    var file = File(pcapng: false, bigEndian: false, Self.packets(20, &random))
    for place in file.starts[5] + 8..<file.starts[5] + 12 { file.bytes[place] = 0xff }
    let (start, next) = (file.starts[5], file.starts[6])
    #expect(
      try Reading(file.bytes).damage
        == "test.pcap is damaged after packet 5, byte offset \(start): a record claims a length of 4294967295 bytes; "
        + "\(next - start) bytes were skipped, up to byte offset \(next), where records seem to begin again "
        + "(inferred)")
  }

  @Test("A capture within a packet is not taken for the capture", arguments: [false, true])
  func captureInCapture(pcapng: Bool) throws {
    var random = SeededRandom(seed: 2)
    let inner = File(pcapng: pcapng, bigEndian: false, Self.packets(30, &random))
    var packets = Self.packets(20, &random)
    packets[5] += inner.bytes.prefix(9000)
    var file = File(pcapng: pcapng, bigEndian: false, packets)
    // The record after it is damaged.
    for place in file.starts[6]..<file.starts[6] + 16 { file.bytes[place] = 0xff }
    let reading = try Reading(file.bytes)
    file.expect(reading, without: 6..<7, "\(pcapng)")
  }

  @Test("Where nothing follows that looks like a record, the end is reported")
  func nothing() throws {
    var random = SeededRandom(seed: 3)
    for pcapng in [false, true] {
      let file = File(pcapng: pcapng, bigEndian: false, Self.packets(5, &random))
      for rest in [[UInt8](repeating: 0xff, count: 400_000), random.bytes(400_000)] {
        let reading = try Reading(
          file.bytes + [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff] + rest)
        #expect(reading.packets.count == 5)
        #expect(reading.damage?.contains("nothing after it looks like") == true, "\(reading.damage ?? "")")
      }
    }
  }

  @Test("A truncated file is reported as cut, wherever that is", arguments: [false, true], [false, true])
  func onlyCut(pcapng: Bool, bigEndian: Bool) throws {
    // Packets of the same length and with addresses that can be read as a length: seen four bytes later, each record
    // looks like one with its fraction of a second as the time, and leads to the next one.
    let packets = (0..<300).map {
      [0x02, 0x00, 0x0a, 0x00] + bigEndianBytes(UInt32($0)) + [UInt8](repeating: 1, count: 58)
    }
    let file = File(pcapng: pcapng, bigEndian: bigEndian, packets)
    for end in file.starts[296] + 1..<file.bytes.count where !file.starts.contains(end) {
      let reading = try Reading(Array(file.bytes[..<end]))
      let whole = file.starts.count { $0 < end } - 1
      let isRead = reading.packets.map(\.bytes) == Array(packets[..<whole])
      #expect(isRead, "\(reading.packets.count) packets of \(end) bytes")
      let lines = reading.damage?.split(separator: "\n") ?? []
      #expect(lines.count == 1 && lines[0].contains("everything before it was read"), "\(end): \(lines)")
    }
  }

  @Test("A file that is cut within a packet that holds a capture is only cut")
  func cutWithinCapture() throws {
    var random = SeededRandom(seed: 6)
    let inner = File(pcapng: false, bigEndian: false, Self.packets(8, &random))
    var packets = Self.packets(20, &random)
    packets[18] = inner.bytes
    packets[19] = inner.bytes
    let file = File(pcapng: false, bigEndian: false, packets)
    for end in [file.bytes.count - 3, file.starts[19] + 16, file.starts[19] + 5, file.starts[19] - 10] {
      let reading = try Reading(Array(file.bytes[..<end]))
      let isRead = reading.packets.map(\.bytes) == Array(packets[..<(end < file.starts[19] ? 18 : 19)])
      #expect(isRead, "\(reading.packets.count) packets of \(end) bytes")
      #expect(
        reading.damage?.contains("everything before it was read") == true, "\(end): \(reading.damage ?? "")")
    }
  }

  @Test("Zeros are not packets, neither at the end of a file nor within it; an empty packet is one")
  func zeros() throws {
    var random = SeededRandom(seed: 5)
    var file = File(pcapng: false, bigEndian: false, Self.packets(20, &random))
    file.bytes.insert(contentsOf: [UInt8](repeating: 0, count: 70_000), at: file.starts[9])
    file.bytes += [UInt8](repeating: 0, count: 1000)
    let reading = try Reading(file.bytes)
    #expect(reading.packets.map(\.bytes) == file.packets)
    let lines = reading.damage?.split(separator: "\n") ?? []
    #expect(lines.count == 2 && lines.allSatisfy { $0.contains("a record header is all zeros") }, "\(lines)")
    var empty = CaptureBuilder()
    empty.packet([], time: Self.time(0))
    empty.packet([1], time: Self.time(1))
    let few = try Reading(empty.file)
    #expect(few.packets.map(\.bytes) == [[], [1]])
    #expect(few.damage == nil)
  }

  @Test(
    "Records are found far after the damage, too, without holding all of it in memory",
    arguments: [false, true])
  func far(pcapng: Bool) throws {
    var random = SeededRandom(seed: 4)
    var file = File(pcapng: pcapng, bigEndian: false, Self.packets(20, &random))
    let more = [UInt8](repeating: 0xff, count: 3 << 20)
    file.bytes.insert(contentsOf: more, at: file.starts[9])
    file.expect(try Reading(file.bytes, pieces: [4096]), without: 9..<9, "far")
  }

  @Test("Of a block with good lengths and bad contents only that block is skipped")
  func contents() throws {
    var file = PcapngBuilder(linkType: 1)
    file.packet([1], units: 1)
    file.packet([2], interface: 7, units: 2)
    file.packet([3], units: 3)
    file.block(6, [UInt32](arrayLiteral: 0, 0, 0, 1000, 1000, 7).flatMap { file.number($0) })
    file.packet([4], units: 4)
    file.section(major: 2)
    file.interface(linkType: 1)
    file.section()
    file.interface(linkType: 1)
    file.packet([5], units: 5)
    for pieces in waysToRead {
      let reading = try Reading(file.file, pieces: pieces)
      #expect(reading.packets.map(\.bytes) == [[1], [3], [4], [5]])
      let lines = reading.damage?.split(separator: "\n") ?? []
      #expect(lines.count == 3, "\(lines)")
      #expect(
        lines.first?.contains("a packet refers to interface 7, but its section has described only 1") == true)
      #expect(lines.allSatisfy { $0.contains("bytes was skipped") })
    }
  }

  @Test("What comes before the first packet may be damaged")
  func head() throws {
    var file = PcapngBuilder(linkType: 1)
    file.block(4, [1, 2, 3, 4], trailer: 5)
    file.packet([1], units: 1)
    let reading = try Reading(file.file)
    #expect(reading.packets.map(\.bytes) == [[1]])
    #expect(reading.packets.map(\.linkType) == [1])
    // Without the interface no packet can be read, and that is said a few times, not for each.
    var headless = PcapngBuilder()
    headless.section()
    for number in 0..<1000 { headless.packet([1], units: UInt64(number)) }
    let none = try Reading(headless.file)
    #expect(none.packets.isEmpty)
    let lines = none.damage?.split(separator: "\n") ?? []
    #expect(lines.count == 21)
    #expect(lines.last == "test.pcap is damaged at 980 more places, where 35280 bytes were skipped")
  }
}
