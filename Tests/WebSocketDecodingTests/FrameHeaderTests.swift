import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

/// The one parser of frame headers, RFC 6455 §5.2.
@Suite struct FrameHeaderTests {
  @Test(
    "Every form of a header is read when its last byte is there, and not before",
    arguments: [0, 125, 126, 65_535, 65_536, 1 << 40] as [UInt64])
  func forms(length: UInt64) {
    for key in [nil, [1, 2, 3, 4]] as [[UInt8]?] {
      let bytes = TestFrame(.binary, key: key).with(claimed: length).bytes
      for count in 0..<bytes.count {
        let isThere = FrameHeader(parsing: bytes.span.extracting(0..<count)) != nil
        #expect(!isThere)
      }
      let header = FrameHeader(parsing: bytes.span)
      #expect(header?.payloadBytes == length)
      #expect(header.map { Int($0.headerBytes) } == bytes.count)
      #expect(header?.masked == (key != nil))
      #expect(header?.maskingKeyBytes == key ?? [0, 0, 0, 0])
      #expect(header?.lengthIsNotMinimal == false)
    }
  }

  @Test("Any two first bytes say how long the header is, and what follows it changes nothing")
  func anyBytes() throws {
    var random = SeededRandom.fresh()
    for first in 0...255 as ClosedRange<UInt8> {
      for second in 0...255 as ClosedRange<UInt8> {
        let short = second & 0x7F
        let expected = 2 + (short == 126 ? 2 : short == 127 ? 8 : 0) + (second & 0x80 != 0 ? 4 : 0)
        let bytes = [first, second] + random.bytes(FrameHeader.maximumBytes)
        let early = FrameHeader(parsing: bytes.span.extracting(0..<expected - 1))
        let parsed = FrameHeader(parsing: bytes.span.extracting(0..<expected))
        let parsedFromMore = FrameHeader(parsing: bytes.span)
        #expect(early?.headerBytes == nil, "\(random)")
        let (exact, longer) = (try #require(parsed, "\(random)"), try #require(parsedFromMore))
        #expect(Int(exact.headerBytes) == expected && longer.headerBytes == exact.headerBytes)
        #expect(longer.payloadBytes == exact.payloadBytes && longer.maskingKey == exact.maskingKey)
        #expect(exact.firstByte == first && exact.masked == (second & 0x80 != 0))
        #expect(exact.lengthBytes == (short == 126 ? 2 : short == 127 ? 8 : 0))
        #expect(exact.opcode.rawValue == first & 0x0F && exact.fin == (first & 0x80 != 0))
      }
    }
  }

  struct Form: Sendable, CustomTestStringConvertible {
    var frame: TestFrame
    var isPlain: Bool
    var testDescription: String

    init(_ what: String, _ frame: TestFrame, _ isPlain: Bool) {
      (testDescription, self.frame, self.isPlain) = (what, frame, isPlain)
    }
  }

  @Test(
    "A plain message is told by its header",
    arguments: [
      Form("text", TestFrame("a"), true), Form("masked text", TestFrame("a", key: [1, 0, 0, 0]), true),
      Form("empty", TestFrame(""), true), Form("binary", TestFrame(.binary, [1]), true),
      Form("125 bytes", TestFrame(.text).with(claimed: 125), true),
      Form("126 bytes", TestFrame(.text).with(claimed: 126), true),
      Form("65,535 bytes", TestFrame(.text).with(claimed: 65_535), true),
      Form("65,536 bytes", TestFrame(.text).with(claimed: 65_536), false),
      Form("125 bytes in a 16-bit length", TestFrame(.text).with(lengthBytes: 2, claimed: 125), false),
      Form("126 bytes in a 64-bit length", TestFrame(.text).with(lengthBytes: 8, claimed: 126), false),
      Form("a masking key of zeros", TestFrame("a", key: [0, 0, 0, 0]), false),
      Form("a first fragment", TestFrame("a", fin: false), false),
      Form("a continuation", TestFrame(.continuation, [1]), false), Form("a ping", TestFrame(.ping), false),
      Form("RSV1", TestFrame(.text, [1], reserved: 4), false),
      Form("RSV2", TestFrame(.text, [1], reserved: 2), false),
      Form("RSV3", TestFrame(.text, [1], reserved: 1), false),
    ])
  func plain(form: Form) {
    let bytes = form.frame.bytes
    let header = FrameHeader(parsing: bytes.span)
    #expect(header?.isPlainMessage == form.isPlain)
  }
}
