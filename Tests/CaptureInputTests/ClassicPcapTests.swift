import CaptureInput
import TestSupport
import Testing
import WireBytes

@Suite("Classic pcap")
struct ClassicPcapTests {
  @Test(
    "Both byte orders and resolutions, in whatever pieces they come",
    arguments: [(false, false), (false, true), (true, false), (true, true)])
  func variants(nanoseconds: Bool, bigEndian: Bool) throws {
    var file = CaptureBuilder(linkType: 113, nanoseconds: nanoseconds, bigEndian: bigEndian)
    let time = CaptureTime(seconds: 1_700_000_000, nanoseconds: 123_456_789)
    file.packet([1, 2, 3], time: time, originalLength: 60)
    file.packet([], time: time)
    for pieces in waysToRead {
      let reading = try Reading(file.file, pieces: pieces)
      #expect(reading.damage == nil)
      #expect(reading.packets.map(\.bytes) == [[1, 2, 3], []])
      #expect(reading.packets.map(\.originalLength) == [60, 0])
      #expect(reading.packets.map(\.linkType) == [113, 113])
      let kept = nanoseconds ? time.nanoseconds : time.nanoseconds / 1000 * 1000
      #expect(reading.packets.map(\.nanoseconds) == [kept, kept])
    }
  }

  /// Magic number, version, the words of the record header after the time, and how many bytes it has beyond them.
  static let oldFiles: [(magic: UInt32, version: (UInt16, UInt16), lengths: [UInt32], further: Int)] = [
    (0xa1b2_c3d4, (2, 4), [3, 60], 0), (0xa1b2_c3d4, (2, 2), [60, 3], 0), (0xa1b2_c3d4, (2, 3), [60, 3], 0),
    (0xa1b2_c3d4, (2, 3), [3, 60], 0), (0xa1b2_c3d4, (543, 0), [60, 3], 0),
    (0xa1b2_cd34, (2, 4), [3, 60], 8),
  ]

  @Test("Files of old versions and of the patch with longer records", arguments: oldFiles.indices)
  func old(index: Int) throws {
    let old = Self.oldFiles[index]
    var file = bigEndianBytes(old.magic) + bigEndianBytes(old.version.0) + bigEndianBytes(old.version.1)
    for word: UInt32 in [0, 0, 65_535, 1, 1, 2] + old.lengths { file += bigEndianBytes(word) }
    file += [UInt8](repeating: 0xee, count: old.further) + [7, 8, 9]
    let reading = try Reading(file)
    #expect(reading.damage == nil)
    #expect(reading.packets.map(\.bytes) == [[7, 8, 9]])
    #expect(reading.packets.map(\.originalLength) == [60])
  }

  @Test("A file that is cut anywhere gives the packets before, and says at which byte", arguments: waysToRead)
  func cut(pieces: [Int]) throws {
    var file = CaptureBuilder()
    for _ in 0..<3 { file.packet([1, 2, 3, 4, 5]) }
    for length in 24..<file.file.count where (length - 24) % 21 != 0 {
      let reading = try Reading(Array(file.file[..<length]), pieces: pieces)
      let packets = (length - 24) / 21
      #expect(reading.packets.count == packets)
      let words =
        "test.pcap is cut after packet \(packets), byte offset \(24 + packets * 21): the file ends within"
      #expect(reading.damage?.hasPrefix(words) == true, "\(reading.damage ?? "")")
    }
  }

  @Test("A record longer than any packet is damage; a jumbo frame is not")
  func longRecords() throws {
    var file = CaptureBuilder(snapLength: 65_535)
    file.packet([UInt8](repeating: 1, count: 300_000))
    file.packet([UInt8](repeating: 1, count: 16 << 20))
    let longest = try Reading(file.file)
    #expect(longest.packets.map(\.bytes.count) == [300_000, 16 << 20])
    var longer = CaptureBuilder()
    longer.packet([UInt8](repeating: 1, count: (16 << 20) + 1))
    #expect(try Reading(longer.file).damage?.contains("16777217 bytes") == true)
  }

  static let noCaptures: [(bytes: [UInt8], words: String)] = [
    ([], "is empty"),
    ([0xd4, 0xc3], "its first four bytes: 2 of 4"),
    (Array("GET / HTTP/1.1".utf8), "unknown file format"),
    ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "xzcat"),
    (Array("BZh91AY".utf8), "bzcat"),
    (Array("PK\u{3}\u{4}...".utf8), "unzip"),
    (Array("snoop\0\0\0".utf8), "snoop"),
    ([0xa1, 0xb2, 0xc3, 0xd4, 0, 9, 0, 0], "its file header: 8 of 24"),
    ([0xa1, 0xb2, 0xc3, 0xd4, 0, 9] + [UInt8](repeating: 0, count: 18), "version"),
    ([10, 13, 13, 10] + [UInt8](repeating: 0, count: 40), "unknown file format"),
  ]

  @Test("What is not a capture is recognized by its first bytes", arguments: noCaptures.indices)
  func noCapture(index: Int) throws {
    let (bytes, words) = Self.noCaptures[index]
    let error = #expect(throws: CaptureError.self) { try Reading(bytes) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }
}
