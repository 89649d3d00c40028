import Testing
import WireBytes

@testable import WebSocketDecoding

/// What each part of a frame is worth, in bits, with the places where that changes.
@Suite("What speaks for bytes being a frame")
struct FrameEvidenceTests {
  private static let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
  private let unknown = FrameEvidence(side: nil, allowsCompression: true)
  private let client = FrameEvidence(side: .client, allowsCompression: true)
  private let server = FrameEvidence(side: .server, allowsCompression: false)

  private func header(_ frame: TestFrame) throws -> FrameHeader {
    let bytes = frame.bytes
    let header = FrameHeader(parsing: bytes.span)
    return try #require(header)
  }

  // MARK: Headers

  @Test("The first bytes that honest senders use") func firstBytes() {
    let plain: Set<UInt8> = [0, 1, 2, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8A]
    let compressed: Set<UInt8> = [0x41, 0x42, 0xC1, 0xC2]
    for first in UInt8.min ... .max {
      #expect(server.isPlausible(first, 0) == plain.contains(first))
      #expect(client.isPlausible(first, 0x80) == (plain.contains(first) || compressed.contains(first)))
    }
  }

  @Test("The mask bit, where a side is known to keep the rule") func masks() {
    let breaks = FrameEvidence(side: .client, allowsCompression: true, keepsMaskRule: false)
    for (evidence, unmasked, masked) in [
      (client, false, true), (server, true, false), (unknown, true, true), (breaks, true, true),
    ] {
      #expect(evidence.isPlausible(0x81, 0x7F) == unmasked)
      #expect(evidence.isPlausible(0x81, 0x80) == masked)
    }
  }

  @Test(
    "Headers that no honest sender writes",
    arguments: [
      (TestFrame(.ping).with(claimed: 125), true), (TestFrame(.ping).with(claimed: 126), false),
      (TestFrame(.close).with(claimed: 0), true), (TestFrame(.close).with(claimed: 1), false),
      (TestFrame(.close).with(claimed: 2), true), (TestFrame(.ping).with(claimed: 1), true),
      (TestFrame(.text), true), (TestFrame(.text, fin: false), false),
      (TestFrame(.text, fin: false).with(claimed: 1), true),
      (TestFrame(.text).with(lengthBytes: 2, claimed: 125), false),
      (TestFrame(.text).with(lengthBytes: 2, claimed: 126), true),
      (TestFrame(.text).with(lengthBytes: 8, claimed: 65_535), false),
      (TestFrame(.text).with(lengthBytes: 8, claimed: 65_536), true),
      (TestFrame(.text).with(claimed: 1 << 40 - 1), true), (TestFrame(.text).with(claimed: 1 << 40), false),
    ])
  func headers(frame: TestFrame, isPlausible: Bool) throws {
    #expect(unknown.isPlausible(try header(frame)) == isPlausible)
  }

  @Test(
    "A packet that begins like a frame is followed to its end, or over four others in it, and to one at any distance"
  )
  func beginnings() {
    let frame = TestFrame("ab", key: Self.key).bytes
    let other: [UInt8] = [0x20, 0x20, 0x20]
    for (bytes, packetEnd, isLike) in [
      (frame, nil, true), (frame + other, nil, false), (frame + other, frame.count, false),
      (frame + frame + other, nil, false), (frame + frame + frame + other, nil, false),
      // The second one ends with the packet: what comes then may be the rest of the frame that the packet was written into.
      (frame + frame + other, 2 * frame.count, true), (frame + frame + other, frame.count, true),
      (frame + frame + other, 2 * frame.count - 1, true),
      (frame + frame + frame + frame + other, nil, false),
      (frame + frame + frame + frame + frame + other, nil, true),
      // Of the last header only a byte is there.
      (frame + frame + other.prefix(1), nil, true),
    ] as [([UInt8], Int?, Bool)] {
      let found = client.beginsLikeFrame(bytes.span, left: 1000, packetEnd: packetEnd ?? .max)
      #expect(found == isLike, "\(bytes.count) bytes, \(packetEnd ?? -1)")
    }
    // What follows the open frame's end is not the question.
    let bytes = frame + other
    let isLike = client.beginsLikeFrame(bytes.span, left: UInt64(frame.count))
    #expect(isLike)
  }

  @Test("The next place where a header may begin, and the last byte when there is none") func nextPlace() {
    let bytes: [UInt8] = [0x30, 0x81, 0x05, 0x81, 0x85, 0x00]
    let places = (0..<6).map { client.nextPlausible(in: bytes.span, from: $0) }
    #expect(places == [3, 3, 3, 3, 5, 5])
    #expect((0..<6).map { server.nextPlausible(in: bytes.span, from: $0) } == [1, 1, 5, 5, 5, 5])
  }

  @Test(
    "A header by how its length is written; after one that makes it likely it is worth less",
    arguments: [
      (100, true, false, 4.8), (100, false, false, 5.3), (100, true, true, 0),
      (126, true, false, 10.5), (126, false, false, 11), (126, true, true, 2.5),
      (65_536, true, false, 30.7), (65_536, false, false, 31.2), (65_536, true, true, 25.9),
    ] as [(UInt64, Bool, Bool, Double)])
  func headerBits(_ bytes: UInt64, _ compression: Bool, _ isLikely: Bool, expected: Double) throws {
    let evidence = FrameEvidence(side: .server, allowsCompression: compression)
    let header = try header(TestFrame(.binary).with(claimed: bytes))
    #expect(abs(evidence.bits(for: header, isLikely: isLikely) - expected) < 0.001)
  }

  @Test("A fragment proves nothing as long as it is not known that frames are sent") func fragments() throws {
    for (fin, bytes) in [(false, 0.0), (true, 4.8)] {
      let header = try header(TestFrame(.text, fin: fin).with(claimed: 100))
      #expect(abs(unknown.bits(for: header, isLikely: false) - bytes) < 0.001)
      #expect(abs(client.bits(for: header, isLikely: false) - 4.8) < 0.001)
      #expect(unknown.bitsForFilling(header) == (fin ? 6 : 0))
      #expect(client.bitsForFilling(header) == 6)
    }
  }

  @Test(
    "A frame that fills its packet", arguments: [(125, 6), (126, 15), (65_536, 15)] as [(UInt64, Double)])
  func filling(bytes: UInt64, bits: Double) throws {
    #expect(server.bitsForFilling(try header(TestFrame(.text).with(claimed: bytes))) == bits)
    #expect(FrameEvidence.bitsForEndingInside == -1)
  }

  // MARK: Payloads

  @Test(
    "Bytes of a payload that are examined",
    arguments: [
      (.text, 0, 0, 0), (.text, 0, 63, 63), (.text, 0, 64, 64), (.text, 0, 65, 64), (.text, 4, 65, 16),
      (.binary, 0, 15, 15), (.binary, 0, 16, 16), (.binary, 0, 17, 16), (.close, 0, 100, 16),
    ] as [(Opcode, UInt8, UInt64, Int)])
  func sample(_ opcode: Opcode, _ reserved: UInt8, _ bytes: UInt64, size: Int) throws {
    let header = try header(TestFrame(opcode, reserved: reserved).with(claimed: bytes))
    #expect(unknown.sampleSize(of: header) == size)
  }

  /// What the payload of a frame is worth.
  private func payloadBits(_ frame: TestFrame) throws -> Double? {
    let header = try header(frame)
    let sample = frame.bytes.dropFirst(Int(header.headerBytes)).prefix(unknown.sampleSize(of: header))
    return unknown.bits(for: header, sample: Array(sample).span)
  }

  @Test(
    "Readable bytes of a text that is masked count one each, others two, control bytes less than nothing",
    arguments: [
      ("Hello", 5), ("\t\n\r ~", 5), ("", 0), ("é", 4), ("€uro", 9), ("\u{7F}", -4), ("\u{1F}a", -3),
      ("\u{1}\u{1}", -8), ("\u{1}\u{1}\u{1}", -8), (String(repeating: "x", count: 40), 40),
      (String(repeating: "x", count: 41), 40), (String(repeating: "é", count: 30), 40),
    ] as [(String, Double)])
  func maskedText(text: String, bits: Double) throws {
    #expect(try payloadBits(TestFrame(text, key: Self.key)) == bits)
  }

  @Test(
    "Of a text that is not masked they prove little",
    arguments: [("Hello", 1.25), ("é", 0.2), ("\u{1}", -2), ("\u{1}\u{1}\u{1}\u{1}\u{1}", -8)]
      as [(String, Double)])
  func plainText(text: String, bits: Double) throws {
    #expect(try payloadBits(TestFrame(text)) == bits)
  }

  @Test("A text that is not UTF-8 is none; one that goes on may end within a character") func invalidText()
    throws
  {
    let cut = Array("aé".utf8.dropLast())
    #expect(try payloadBits(TestFrame(.text, cut)) == nil)
    #expect(try payloadBits(TestFrame(.text, cut, fin: false)) != nil)
    #expect(try payloadBits(TestFrame(.text, [0xFF], fin: false)) == nil)
    #expect(try payloadBits(TestFrame(.text, [0xFF], reserved: 4)) == 0)
    #expect(try payloadBits(TestFrame(.binary, [0xFF])) == 0)
    // Only the first 64 bytes are looked at, which may end within a character.
    #expect(try payloadBits(TestFrame(.text, [UInt8](repeating: 0x61, count: 63) + Array("é".utf8))) != nil)
  }

  @Test(
    "A Close code counts by how many there are like it",
    arguments: [
      (999, nil), (1000, 11), (1001, 11), (1005, nil), (1006, nil), (2999, nil), (3000, 2), (4999, 2),
      (5000, nil),
    ] as [(UInt16, Double?)])
  func close(code: UInt16, bits: Double?) throws {
    for key in [nil, Self.key] {
      let payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
      #expect(try payloadBits(TestFrame(.close, payload, key: key)) == bits)
      #expect(try payloadBits(TestFrame(.close, [], key: key)) == 0)
    }
  }

  // MARK: Likeness

  private func likeness(_ frame: TestFrame, at place: Int = 0) throws -> FrameEvidence.Likeness {
    let header = try header(frame)
    let payload = Array(frame.bytes.dropFirst(Int(header.headerBytes)))
    return FrameEvidence.Likeness(header, at: place, payload: payload.span)
  }

  @Test("Frames are the same by first byte, length, and masking key or payload") func likeness() throws {
    let frame = try likeness(TestFrame("abc"))
    #expect(frame.isSame(as: try likeness(TestFrame("abc"))))
    #expect(!frame.isSame(as: try likeness(TestFrame("abd"))))
    #expect(frame.isLikely(after: try likeness(TestFrame("abd"))))
    #expect(!frame.isLikely(after: try likeness(TestFrame("abcd"))))
    #expect(!frame.isLikely(after: try likeness(TestFrame(.binary, Array("abc".utf8)))))
    let masked = try likeness(TestFrame("abc", key: Self.key))
    #expect(masked.isSame(as: try likeness(TestFrame("xyz", key: Self.key))))
    #expect(!masked.isSame(as: try likeness(TestFrame("abc", key: [1, 2, 3, 4]))))
  }

  @Test("Texts that are masked with one key are alike, wherever they begin modulo 4") func maskedTexts()
    throws
  {
    let key: [UInt8] = [0x80, 0, 0x80, 0]
    let one = try likeness(TestFrame("a text", key: key), at: 8)
    #expect(one.isLikely(after: try likeness(TestFrame("another text", key: key), at: 12)))
    #expect(!one.isLikely(after: try likeness(TestFrame("another text", key: key), at: 13)))
    #expect(one.isLikely(after: try likeness(TestFrame("another text", key: key), at: 14)))
    // What is not ASCII is no such text.
    #expect(!one.isLikely(after: try likeness(TestFrame("an other tëxt", key: key), at: 12)))
  }

  @Test(
    "The rough logarithm",
    arguments: [
      (-1, 0), (0, 0), (1, 0), (2, 1), (3, 1.5), (4, 2), (6, 2.5), (1024, 10), (1536, 10.5),
    ] as [(Int, Double)])
  func logarithm(value: Int, expected: Double) {
    #expect(roughLog2(value) == expected)
  }
}
