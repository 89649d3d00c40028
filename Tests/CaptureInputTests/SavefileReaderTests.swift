import Foundation
import TestSupport
import Testing
import WireBytes

@testable import CaptureInput

@Suite("Reading a capture in blocks")
struct SavefileReaderTests {
  private struct Read: Equatable {
    var bytes: [UInt8]
    var number: UInt64
    var nanoseconds: Int64
    var originalLength: Int
  }

  /// Files of every version, byte order, resolution and length of a record's header, of packets that were cut.
  private static let files: [[UInt8]] =
    [false, true].flatMap { isSwapped in
      [
        (0xa1b2_c3d4, 2, 4), (0xa1b2_3c4d, 2, 4), (0xa1b2_c3d4, 2, 2), (0xa1b2_c3d4, 2, 3),
        (0xa1b2_cd34, 2, 4),
      ]
      .map { (magic: UInt32, major: UInt16, minor: UInt16) in
        func field(_ number: some FixedWidthInteger) -> [UInt8] {
          isSwapped ? bigEndianBytes(number) : bigEndianBytes(number).reversed()
        }
        var file = field(magic) + field(major) + field(minor)
        for word: UInt32 in [0, 0, 65_535, 1] { file += field(word) }
        for number in 1...50 as ClosedRange<UInt32> {
          let lengths = minor == 2 ? [number + 100, number] : [number, number + 100]
          for word in [number, 5] + lengths { file += field(word) }
          if magic == 0xa1b2_cd34 { file += [UInt8](repeating: 0xee, count: 8) }
          file += [UInt8](repeating: UInt8(number), count: Int(number))
        }
        return file
      }
    }

  @Test("Packets in blocks are those that come one by one", arguments: files.indices)
  func inBlocks(index: Int) throws {
    let file = Self.files[index]
    var reader = try SavefileReader(MemorySource(file), name: "test.pcap")
    var alone: [Read] = []
    while try reader.advance() {
      alone.append(
        Read(
          bytes: reader.bytes.toArray(), number: reader.record.number,
          nanoseconds: reader.record.time.nanoseconds, originalLength: reader.record.originalLength))
    }
    #expect(alone.map(\.bytes.count) == Array(1...50))
    #expect(alone.map(\.originalLength) == Array(101...150))
    let isNano = file.starts(with: [0x4d]) || file.starts(with: [0xa1, 0xb2, 0x3c])
    #expect(alone[1].nanoseconds == 2_000_000_000 + (isNano ? 5 : 5000))

    var other = try SavefileReader(MemorySource(file, pieces: [500, 77]), name: "test.pcap")
    var inBlocks: [Read] = []
    while try other.advance() {
      inBlocks.append(
        Read(
          bytes: other.bytes.toArray(), number: other.record.number,
          nanoseconds: other.record.time.nanoseconds, originalLength: other.record.originalLength))
      other.forEachInBlock { bytes, number, time, originalLength in
        inBlocks.append(
          Read(
            bytes: bytes.toArray(), number: number, nanoseconds: time.nanoseconds,
            originalLength: originalLength))
        // Not to the end of the block each time.
        return number % 7 != 0
      }
    }
    #expect(inBlocks == alone)
  }

  @Test("Only the usual kind of file is read so") func usual() throws {
    let counts = try Self.files.map { file in
      var reader = try SavefileReader(MemorySource(file), name: "test.pcap")
      _ = try reader.advance()
      var count = 0
      reader.forEachInBlock { _, _, _, _ in
        count += 1
        return true
      }
      return count
    }
    // The first two have this machine's byte order and version 2.4.
    #expect(counts == [49, 49] + [Int](repeating: 0, count: 8))
  }
}
