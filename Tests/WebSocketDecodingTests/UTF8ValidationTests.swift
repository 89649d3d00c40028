import TestSupport
import Testing

@testable import WebSocketDecoding

@Suite struct UTF8ValidationTests {
  @Test(
    "Sequences at the edges of Unicode's table 3-7",
    arguments: [
      ("", nil), ("61", nil), ("7f", nil), ("c2 80", nil), ("df bf", nil), ("e0 a0 80", nil),
      ("ed 9f bf", nil),
      ("ee 80 80", nil), ("ef bf bf", nil), ("f0 90 80 80", nil), ("f4 8f bf bf", nil),
      ("80", 0), ("bf", 0), ("c0 80", 0), ("c1 bf", 0), ("e0 9f bf", 1), ("ed a0 80", 1), ("f0 8f bf bf", 1),
      ("f4 90 80 80", 1), ("f5 80 80 80", 0), ("ff", 0), ("61 e2 82 61", 3), ("61 c3 c3", 2),
      ("f1 80 80 c0", 3),
      ("e2 82", 2), ("61 f0 9f 98", 4),
    ] as [(String, UInt64?)])
  func table(text: String, invalidAt: UInt64?) {
    let bytes = hex(text)
    // The same far into a long text, where eight bytes are looked at at once.
    for prefix in [0, 7, 8, 31, 32, 100] {
      let long = [UInt8](repeating: 0x61, count: prefix) + bytes
      for cut in 0...long.count {
        var validator = UTF8Validator()
        validator.receive(long.span.extracting(0..<cut))
        validator.receive(long.span.extracting(cut..<long.count))
        #expect(validator.isValidAtEnd == (invalidAt == nil))
        if let invalidAt { #expect(validator.validBytes == UInt64(prefix) + invalidAt) }
      }
    }
  }

  @Test func randomBytesAreJudgedAsTheStandardLibraryJudgesThem() {
    var random = SeededRandom.fresh()
    var valid = 0
    for _ in 0..<20_000 {
      let bytes = nearlyText(&random)
      let expected = String(validating: bytes, as: UTF8.self) != nil
      var validator = UTF8Validator()
      var from = 0
      for piece in random.pieces(of: bytes.count, atMost: 40) {
        validator.receive(bytes.span.extracting(from..<from + piece))
        from += piece
      }
      #expect(validator.isValidAtEnd == expected, "\(random): \(bytes)")
      if expected { valid += 1 }
    }
    #expect(valid > 2000 && valid < 18_000, "the generator makes one kind only")
  }

  /// Byte by byte nothing is looked at together: the reference for where the first invalid byte stands.
  @Test func longTextsAreJudgedInOnePieceAsByteByByte() {
    var random = SeededRandom.fresh()
    for _ in 0..<2000 {
      var bytes = (0..<8).flatMap { _ in nearlyText(&random) }
      for _ in 0..<Int.random(in: 0...2, using: &random) where !bytes.isEmpty {
        bytes[Int.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
      }
      var (whole, single) = (UTF8Validator(), UTF8Validator())
      whole.receive(bytes.span)
      for index in bytes.indices { single.receive(bytes.span.extracting(index..<index + 1)) }
      #expect(whole.isValidAtEnd == single.isValidAtEnd, "\(random): \(bytes)")
      #expect(whole.validBytes == single.validBytes, "\(random): \(bytes)")
    }
  }

  @Test("Every first and second byte, with what follows them")
  func pairs() {
    let rests: [[UInt8]] = [
      [0x61, 0x61], [0x80, 0x61], [0xBF, 0xBF], [0x80, 0x80], [0xC3, 0xA9], [0x61, 0x80], [0x80, 0xC3],
    ]
    for first in UInt8.min ... .max {
      for second in UInt8.min ... .max where first >= 0x80 || second % 16 == 0 {
        for rest in rests {
          let bytes = [first, second] + rest + Array("some more text behind it".utf8)
          var validator = UTF8Validator()
          validator.receive(bytes.span)
          let expected = String(validating: bytes, as: UTF8.self) != nil
          if validator.isValidAtEnd != expected { Issue.record("\(bytes): \(expected) was expected") }
        }
      }
    }
  }

  @Test func bytesThatAreKnownToBeASCIIAreNotLookedAtButForWhatTheyEnd() {
    let text = Array("plain text".utf8)
    var validator = UTF8Validator()
    validator.receive(text.span, isASCII: true)
    #expect(validator.isValidAtEnd && validator.validBytes == 10)
    validator.receive([0xC3].span)
    validator.receive(text.span, isASCII: true)
    #expect(validator.foundInvalid && validator.validBytes == 11)
    validator.receive(text.span, isASCII: true)
    #expect(validator.foundInvalid && validator.validBytes == 11)
  }

  private func nearlyText(_ random: inout SeededRandom) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 0...12, using: &random) {
      switch Int.random(in: 0..<24, using: &random) {
      case 0: bytes += random.bytes(1)
      case 1: bytes.append(UInt8.random(in: 0xC0...0xFF, using: &random))
      case 2..<8:
        let scalar = Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &random)) ?? "x"
        bytes += Array(String(Character(scalar)).utf8)
      default:
        bytes += [UInt8](
          repeating: 0x20 + UInt8(bytes.count % 90), count: Int.random(in: 1...40, using: &random))
      }
    }
    return bytes
  }
}
