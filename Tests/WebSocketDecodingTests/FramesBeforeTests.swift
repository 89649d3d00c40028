import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

/// How far back frames are believed that lead to a place where one certainly begins.
@Suite("Frames before a certain one")
struct FramesBeforeTests {
  /// Where the frames are found to begin that lead to the last frame of `frames`, with `other` bytes before them.
  private func start(
    of frames: [TestFrame], behind other: [UInt8], from side: Side, packets: Set<Int> = [],
    _ random: inout SeededRandom
  ) -> (found: Int, starts: [Int]) {
    var bytes = other
    var starts: [Int] = []
    for frame in frames {
      starts.append(bytes.count)
      bytes += frame.from(side, &random).bytes
    }
    let evidence = FrameEvidence(side: side, allowsCompression: false)
    let before = FramesBefore(before: starts[frames.count - 1], in: bytes.span, evidence) {
      packets.contains($0)
    }
    return (before.start, starts)
  }

  @Test("Short frames of random bytes are believed, however many there are", arguments: Side.allCases, 1...4)
  func short(side: Side, count: Int) {
    var random = SeededRandom(seed: 21)
    for _ in 0..<50 {
      let frames = (0...count).map { _ in
        TestFrame(.binary, random.bytes(.random(in: 2..<60, using: &random)))
      }
      let (found, starts) = start(of: frames, behind: random.bytes(100), from: side, &random)
      #expect(found <= starts[0])
    }
  }

  @Test("Other bytes hardly ever lead there", arguments: Side.allCases, [100, 1000, 10_000])
  func chance(side: Side, size: Int) {
    var random = SeededRandom(seed: 22)
    var made = 0
    for _ in 0..<400 {
      let frame = TestFrame(.binary, random.bytes(20))
      if start(of: [frame], behind: random.bytes(size), from: side, &random).found < size { made += 1 }
    }
    #expect(made <= 4)
  }

  @Test("One short frame among thousands of places may be chance, but not where a packet begins")
  func amongMany() {
    var random = SeededRandom(seed: 23)
    let frames = (0..<2).map { _ in TestFrame(.binary, random.bytes(20)) }
    let other = random.bytes(10_000)
    #expect(start(of: frames, behind: other, from: .server, &random).found == 10_022)
    #expect(start(of: frames, behind: other, from: .server, packets: [10_000], &random).found == 10_000)
  }

  @Test("A control frame needs more, a Close is none of them, and text has to be text")
  func opcodes() {
    var random = SeededRandom(seed: 24)
    let other = random.bytes(200)
    let last = TestFrame(.binary, random.bytes(20))
    for (frame, isFound) in [
      (TestFrame(.ping, random.bytes(4)), false), (TestFrame(.close, [3, 0xE8]), false),
      (TestFrame(.binary, random.bytes(4)), true), (TestFrame(.text, [0xC3, 0x28, 0x41, 0xFF]), false),
    ] {
      let (found, starts) = start(of: [frame, last], behind: other, from: .client, &random)
      #expect(found == starts[isFound ? 0 : 1], "\(frame.opcode)")
    }
    let behind = [last, TestFrame(.ping, random.bytes(4)), last]
    #expect(start(of: behind, behind: other, from: .client, &random).found == 200)
  }

  @Test("Fragments follow one another")
  func fragments() {
    var random = SeededRandom(seed: 25)
    let begin = TestFrame(.binary, random.bytes(20), fin: false)
    let end = TestFrame(.continuation, random.bytes(20))
    let whole = TestFrame(.binary, random.bytes(20))
    let packets: Set<Int> = [50]
    let other = random.bytes(50)
    #expect(start(of: [begin, end], behind: other, from: .server, packets: packets, &random).found == 50)
    #expect(start(of: [begin, whole], behind: other, from: .server, packets: packets, &random).found == 72)
    #expect(start(of: [whole, end], behind: other, from: .server, packets: packets, &random).found == 72)
  }
}
