import TestSupport
import Testing
import Threads
import WireBytes

@testable import Output

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite struct OutputBufferTests {
  init() { OutputBuffer.ignoreBrokenPipes() }

  @Test func nothingLeavesBeforeTheBufferIsFullOrFlushed() throws {
    let pipe = try Pipe()
    var buffer = OutputBuffer(descriptor: pipe.writeEnd, capacity: 64)
    for _ in 0..<6 { buffer.append("0123456789") }
    let before = buffer.count
    #expect(before == 60)
    buffer.append("0123456789")
    let after = buffer.count
    #expect(after == 10)
    buffer.flush()
    #expect(pipe.take(100) == Array(String(repeating: "0123456789", count: 7).utf8))
  }

  @Test func oneByteIsWrittenAsWell() throws {
    let pipe = try Pipe()
    var buffer = OutputBuffer(descriptor: pipe.writeEnd, capacity: 64)
    buffer.append(UInt8(ascii: "x"))
    buffer.flush()
    #expect(pipe.take(100) == [0x78])
    let count = buffer.count
    #expect(count == 0)
  }

  @Test("What is held can be repeated, also when room is made for it", arguments: [false, true])
  func repeated(toFile: Bool) throws {
    let pipe = try Pipe()
    var buffer = toFile ? OutputBuffer(descriptor: pipe.writeEnd, capacity: 64) : OutputBuffer()
    var expected: [UInt8] = []
    for length in 0..<60 {
      let start = buffer.count
      let piece = (0..<length).map { UInt8(0x30 + $0) }
      buffer.append(piece.span)
      // What was held before may have been written out to make room.
      let isHeld = buffer.count == start + length
      let held = (isHeld ? start : 0)..<buffer.count
      buffer.appendAgain(held)
      expected += piece + piece.suffix(held.count)
    }
    if toFile {
      buffer.flush()
      #expect(pipe.take(10_000) == expected)
    } else {
      let held = buffer.bytes.toArray()
      #expect(held == expected)
    }
  }

  @Test("A block that is full goes out up to the end of its last line")
  func wholeLines() throws {
    let pipe = try Pipe()
    var buffer = OutputBuffer(descriptor: pipe.writeEnd, capacity: 64)
    buffer.append("first line\nsecond line\nthe third line has no end yet")
    let held = buffer.count
    buffer.append(repeating: UInt8(ascii: "."), count: 64 - held + 1)
    #expect(pipe.take(100) == Array("first line\nsecond line\n".utf8))
    buffer.flush()
    #expect(
      pipe.take(100) == Array("the third line has no end yet".utf8)
        + [UInt8](repeating: 0x2E, count: 65 - held))
  }

  @Test func piecesOfEverySizeArriveInOrder() throws {
    var random = SeededRandom.fresh()
    let pipe = try Pipe()
    var buffer = OutputBuffer(descriptor: pipe.writeEnd, capacity: 100)
    var expected: [UInt8] = []
    for _ in 0..<200 {
      let piece = random.bytes(Int.random(in: 0...250, using: &random))
      buffer.append(piece.span)
      buffer.append(UInt8(ascii: "|"))
      buffer.append(utf8: "é")
      buffer.append(repeating: 0x20, count: 3)
      expected += piece + Array("|é   ".utf8)
    }
    buffer.flush()
    #expect(pipe.take(expected.count + 1) == expected, "\(random)")
  }

  @Test func escapesAndBase64LargerThanTheBufferArrive() throws {
    let pipe = try Pipe()
    var buffer = OutputBuffer(descriptor: pipe.writeEnd, capacity: 64)
    let payload = [UInt8](repeating: 1, count: 3000)
    JSONEscaping.write(valid: payload.span, to: &buffer)
    Base64.write(payload.span, to: &buffer)
    buffer.flush()
    let text = String(repeating: #"\u0001"#, count: 3000) + String(repeating: "AQEB", count: 1000)
    #expect(pipe.take(30_000) == Array(text.utf8))
  }

  @Test func aReaderWhoLeftIsNoErrorAndTheRestIsDropped() throws {
    let pipe = try Pipe()
    pipe.closeReadEnd()
    var buffer = OutputBuffer(descriptor: pipe.writeEnd, capacity: 64)
    buffer.append("gone")
    buffer.flush()
    let (isClosed, takesMore, failure) = (buffer.isClosed, buffer.takesMore, buffer.failure)
    #expect(isClosed && !takesMore && failure == nil)
    buffer.append([UInt8](repeating: 0, count: 1000).span)
    buffer.append("still gone")
    buffer.flush()
    let count = buffer.count
    #expect(count == 0)
  }

  @Test(.enabled(if: unsafe access("/dev/full", W_OK) == 0, "there is no /dev/full"))
  func aFullDiskIsRememberedWithItsText() throws {
    let descriptor = unsafe open("/dev/full", O_WRONLY)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var buffer = OutputBuffer(descriptor: descriptor)
    buffer.append("text")
    buffer.flush()
    let (failure, isClosed, takesMore) = (buffer.failure, buffer.isClosed, buffer.takesMore)
    #expect(failure?.code == ENOSPC)
    #expect(failure?.description == "No space left on device")
    #expect(!isClosed && !takesMore)
  }

  @Test func aDescriptorThatDoesNotBlockIsWaitedFor() throws {
    let pipe = try Pipe()
    _ = fcntl(pipe.writeEnd, F_SETFL, O_NONBLOCK)
    let total = 1_000_000
    var random = SeededRandom(seed: 1)
    let payload = random.bytes(total)
    // A thread of its own: a task would wait for a thread of the pool, after all other tests, while this test blocks one.
    let received = Received()
    let reader = try WorkerThread { received.bytes = pipe.take(total) }
    var buffer = OutputBuffer(descriptor: pipe.writeEnd, capacity: 4096)
    buffer.append(payload.span)
    buffer.flush()
    let takesMore = buffer.takesMore
    reader.join()
    #expect(takesMore)
    #expect(received.bytes == payload)
  }

  @Test func memoryKeepsEverythingUntilTold() {
    var buffer = OutputBuffer()
    let payload = [UInt8](repeating: 7, count: 10_000)
    buffer.append("x")
    buffer.append(payload.span)
    buffer.flush()
    let kept = buffer.bytes.toArray()
    #expect(kept == [0x78] + payload)
    buffer.removeAll()
    let count = buffer.count
    #expect(count == 0)
  }

  @Test(
    "A prefix does not cut a character in two",
    arguments: [
      ("abc", 5, 3), ("abc", 2, 2), ("abc", 0, 0), ("新用", 3, 3), ("新用", 4, 3), ("新用", 5, 3), ("新用", 6, 6),
      ("😀😀", 7, 4), ("😀", 3, 0), ("é", 1, 0), ("", 3, 0), ("abc", -1, 0),
    ])
  func prefixes(text: String, limit: Int, length: Int) {
    let prefix = Array(text.utf8).span.utf8Prefix(atMost: limit)
    #expect(prefix == length)
  }

  @Test func aPrefixOfWhatIsNotUTF8IsJustThatLong() {
    let prefix = [UInt8](repeating: 0x80, count: 9).span.utf8Prefix(atMost: 5)
    #expect(prefix == 5)
  }
}

/// A pipe of the system. Tests read what fits into it, or read beside the writer.
private final class Received: @unchecked Sendable {
  // @unchecked: the thread that writes it is joined before it is read.
  var bytes: [UInt8] = []
}

private final class Pipe: Sendable {
  let readEnd: Int32
  let writeEnd: Int32

  init() throws {
    var ends: [Int32] = [0, 0]
    let result = unsafe pipe(&ends)
    try #require(result == 0)
    (readEnd, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  func closeReadEnd() {
    // The number stays taken, so that deinit closes nothing of somebody else's.
    let other = unsafe open("/dev/null", O_RDONLY)
    dup2(other, readEnd)
    close(other)
  }

  /// Reads until `limit` bytes came or nothing more is in the pipe for a while.
  func take(_ limit: Int) -> [UInt8] {
    var result: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while result.count < limit {
      var ready = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&ready, 1, 300) == 1 else { break }
      let taken = unsafe read(readEnd, &block, min(block.count, limit - result.count))
      guard taken > 0 else { break }
      result += block[..<taken]
    }
    return result
  }
}
