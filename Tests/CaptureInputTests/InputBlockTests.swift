import TestSupport
import Testing

@testable import CaptureInput

@Suite("The window over a source")
struct InputBlockTests {
  private static let size = InputBlock.blockBytes

  /// Bytes that say where they are.
  private static func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
  }

  @Test("As many bytes as are needed are there, whatever pieces they come in", arguments: waysToRead)
  func fill(pieces: [Int]) throws {
    let source = Self.bytes(3000)
    var block = InputBlock(MemorySource(source, pieces: pieces))
    for needed in [1, 2, 999, 1000] {
      let isThere = try block.fill(needed, "it")
      #expect(isThere)
      let (count, offset) = (block.count, Int(block.offset))
      #expect(count >= needed)
      let found = block.bytes(from: block.next, needed).toArray()
      #expect(found == Array(source[offset..<offset + needed]))
      block.consume(needed)
    }
    let offset = block.offset
    #expect(offset == 2002)
  }

  @Test("One byte too few is a cut; none is the end", arguments: waysToRead)
  func end(pieces: [Int]) throws {
    var block = InputBlock(MemorySource(Self.bytes(10), pieces: pieces))
    let isThere = try block.fill(10, "its body")
    #expect(isThere)
    block.consume(4)
    let (offset, words): (UInt64, String)
    do {
      _ = try block.fill(7, "its body")
      (offset, words) = (0, "")
    } catch {
      (offset, words) = (error.offset, error.what)
      #expect(error.isCut && !error.isLast)
    }
    #expect(offset == 4)
    #expect(words == "the file ends within its body: 6 of 7 bytes")
    block.consume(6)
    let isMore = try block.fill(1, "its body")
    #expect(!isMore)
  }

  @Test(
    "It grows for what is larger than a block, and shrinks again",
    arguments: [size - 1, size, size + 1, 2 * size + 1])
  func large(needed: Int) throws {
    let source = Self.bytes(4 * Self.size)
    var block = InputBlock(MemorySource(source))
    block.consume(try block.fill(5, "it") ? 5 : 0)
    for needed in [needed, 7] {
      let isThere = try block.fill(needed, "it")
      let place = Int(block.offset)
      let found = block.bytes(from: block.next, needed).toArray()
      #expect(isThere && found == Array(source[place..<place + needed]))
      block.consume(needed)
    }
    let offset = block.offset
    #expect(offset == UInt64(12 + needed))
  }

  @Test("What it was asked to keep can be read again", arguments: [0, 1, 100, 5000])
  func rewind(keeping: Int) throws {
    let source = Self.bytes(2 * Self.size)
    var block = InputBlock(MemorySource(source))
    _ = try block.fill(5000, "it")
    block.consume(5000)
    _ = try block.fill(Self.size, "it", keeping: keeping)
    let before = block.offset
    #expect(before == 5000)
    block.rewind(keeping)
    let offset = Int(block.offset)
    #expect(offset == 5000 - keeping)
    let found = block.bytes(from: block.next, 200).toArray()
    #expect(found == Array(source[offset..<offset + 200]))
    // Further than that there is nothing.
    block.rewind(10_000)
    let after = block.offset
    #expect(after == UInt64(offset))
  }

  @Test("Looking ahead says whether there is enough, and takes nothing", arguments: waysToRead)
  func has(pieces: [Int]) {
    var block = InputBlock(MemorySource(Self.bytes(100), pieces: pieces))
    for (needed, isThere) in [(99, true), (100, true), (101, false), (1, true)] {
      let has = block.has(needed)
      #expect(has == isThere, "\(needed)")
    }
    let count = block.count
    #expect(count == 100)
  }

  @Test("What is discarded need not fit", arguments: [0, 1, size, 3 * size, 3 * size + 9], [[.max], [4096]])
  func discard(length: Int, pieces: [Int]) throws {
    let source = Self.bytes(3 * Self.size + 10)
    var block = InputBlock(MemorySource(source, pieces: pieces))
    try block.discard(length, "it")
    let isThere = try block.fill(1, "it")
    #expect(isThere)
    let offset = block.offset
    #expect(offset == UInt64(length))
    let found = block.bytes(from: block.next, 1).toArray()
    #expect(found == [source[length]])
  }

  @Test("Discarding more than there is says how much there was") func discardTooMuch() throws {
    var block = InputBlock(MemorySource(Self.bytes(Self.size + 10)))
    block.consume(try block.fill(3, "it") ? 3 : 0)
    do {
      try block.discard(2 * Self.size, "its secrets")
      Issue.record("that many bytes are not there")
    } catch {
      #expect(error.offset == 3 && error.isCut)
      #expect(error.what == "the file ends within its secrets: 262151 of 524288 bytes")
    }
  }

  @Test("Numbers are read in either byte order") func numbers() throws {
    var block = InputBlock(MemorySource([0xFF, 1, 2, 3, 4, 5]))
    block.consume(try block.fill(6, "it") ? 1 : 0)
    let (here, there) = (block.load(0), block.load(1, isSwapped: true))
    #expect(here == 0x0403_0201)
    #expect(there == 0x0203_0405)
  }

  @Test("Packets are where their records say, at the border of a block and around it", arguments: -20...20)
  func border(beyond: Int) throws {
    let first = Self.bytes(Self.size + beyond - 24 - 16)
    var file = CaptureBuilder()
    file.packet(first)
    for number in 1...3 { file.packet([UInt8](repeating: UInt8(number), count: 30 * number)) }
    for pieces in [[.max], [4096, 1]] {
      let reading = try Reading(file.file, pieces: pieces)
      #expect(reading.packets.map(\.bytes.count) == [first.count, 30, 60, 90])
      #expect(reading.packets[0].bytes == first)
      #expect(reading.packets[1...].map { Set($0.bytes) } == [[1], [2], [3]])
      #expect(reading.damage == nil)
    }
  }
}
