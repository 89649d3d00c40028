import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

@Suite("Frames that fill a packet")
struct WholeFramesTests {
  @Test(
    "are believed where a handshake names a draft",
    arguments: [
      (frame(0x81, Array("a".utf8), isMasked: false), Side.server),
      (frame(0x81, Array("one".utf8), isMasked: false), .client),
      (frame(0x81, Array("hello".utf8), isMasked: true), .client),
      (frame(0x88, [3, 232], isMasked: false), .server),
      (frame(0x81, [UInt8](repeating: 0x61, count: 300), isMasked: true), .client),
      (frame(0x82, [1, 2], isMasked: false) + frame(0x82, [3], isMasked: false), .server),
    ])
  func believed(bytes: [UInt8], side: Side) {
    let isSeen = WholeFrames.fill(bytes.span, from: side)
    #expect(isSeen)
  }

  @Test(
    "are not seen in a draft's own frames, or in parts",
    arguments: [
      // hybi-06: text is opcode 4, and a client's frame begins with its key.
      ([0x84, 2, 0x68, 0x69], Side.server), ([0x37, 0xFA, 0x21, 0x3D, 0xB3, 0xF8, 0x49, 0x54], .client),
      // hixie-76
      ([0, 0x68, 0x69, 0xFF], .server), ([0x81], .server), ([0x81, 5, 0x68], .server),
      ([0x81, 2, 0x68, 0x69, 0x81], .server), ([0x80, 1, 0x68], .server), ([], .client),
      ([0x81, 0x82, 1, 2, 3, 4, 0x69, 0x6B], .server),
    ])
  func notBelieved(bytes: [UInt8], side: Side) {
    let isSeen = WholeFrames.fill(bytes.span, from: side)
    #expect(!isSeen)
  }

  @Test("are hardly ever seen in random bytes")
  func random() {
    var random = SeededRandom.fresh()
    var seen = 0
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 1...60, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      if WholeFrames.fill(bytes.span, from: .client) { seen += 1 }
    }
    #expect(seen < 60, "\(seen) of 20,000, \(random)")
  }
}
