import TestSupport
import Testing

@testable import WebSocketDecoding

@Suite struct DistanceScannerTests {
  /// With a window of 0 bits every block is read.
  private func farthest(_ bytes: [UInt8], pieces: [Int]? = nil, windowBits: Int = 0) -> Int {
    var scanner = DistanceScanner(windowBits: windowBits)
    scanner.startMessage()
    var start = 0
    for piece in pieces ?? [bytes.count] {
      scanner.receive(bytes.span.extracting(start..<start + piece))
      start += piece
    }
    return scanner.farthest
  }

  @Test("The distance of a match is found exactly", arguments: [8, 9, 100, 1023, 1024, 1025, 20_000, 32_500])
  func exact(distance: Int) {
    var random = SeededRandom(seed: 4)
    let start = random.bytes(8)
    // Bytes that compress a little, or the block would be stored.
    let payload = start + random.bytes(distance - 8).map { $0 & 31 } + start
    for level: Int32 in [1, 6, 9] {
      #expect(farthest(Deflater(level: level).message(payload)) == distance)
    }
  }

  @Test func aMatchAfterAnotherBlockAndInFixedCodesIsFound() {
    // RFC 7692 §7.2.3.2: "Hello" again, by reference to the message before.
    #expect(farthest(hex("f2 48 cd c9 c9 07 00")) == 0)
    #expect(farthest(hex("f2 00 11 00 00")) == 5)
    #expect(farthest(hex("00 05 00 fa ff 48 65 6c 6c 6f f2 00 11 00 00")) == 5)
    #expect(farthest(hex("f3 48 cd c9 c9 07 00 f2 00 11 00 00")) == 5)
  }

  @Test func howTheBytesAreCutDoesNotMatter() {
    var random = SeededRandom.fresh()
    for _ in 0..<40 {
      let words = (0..<50).map { _ in random.bytes(Int.random(in: 3...30, using: &random)) }
      let payload = (0..<400).flatMap { _ in words[Int.random(in: 0..<50, using: &random)] }
      var bytes = Deflater(level: Int32.random(in: 0...9, using: &random)).message(payload)
      if Bool.random(using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
      }
      let whole = farthest(bytes)
      #expect(farthest(bytes, pieces: bytes.map { _ in 1 }) == whole, "\(random)")
      #expect(farthest(bytes, pieces: random.pieces(of: bytes.count, atMost: 30)) == whole, "\(random)")
    }
  }

  @Test func arbitraryBytesEndTheScanAndNothingElse() {
    var random = SeededRandom.fresh()
    for _ in 0..<2000 {
      let bytes = random.bytes(Int.random(in: 0...300, using: &random))
      #expect(farthest(bytes) <= 32_768, "\(random)")
    }
  }
}
