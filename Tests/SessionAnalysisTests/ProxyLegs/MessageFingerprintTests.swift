import TestSupport
import Testing
import WireBytes

@testable import SessionAnalysis

@Suite struct MessageFingerprintTests {
  /// Around the words, the blocks, and where blocks begin.
  static let lengths = [0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 255, 256, 257, 263, 264, 319, 320, 321, 500]

  @Test("One bit anywhere in a payload changes its hash", arguments: lengths)
  func bits(length: Int) {
    var random = SeededRandom.fresh()
    let payload = random.bytes(length)
    var hashes = [hash(payload)]
    let places = Array(0..<length).filter { $0 % 5 == 0 || $0 + 20 > length }
    for place in places {
      var other = payload
      other[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      hashes.append(hash(other))
    }
    #expect(Set(hashes).count == places.count + 1, "\(random)")
  }

  @Test("A payload's hash does not depend on where it lies", arguments: lengths)
  func alignments(length: Int) {
    var random = SeededRandom.fresh()
    let payload = random.bytes(length)
    for shift in 1..<16 {
      let moved = [UInt8](repeating: 0xEE, count: shift) + payload + [0xEE]
      let there = moved.span.extracting(shift..<shift + length).hash(1, UInt64(length))
      #expect(there == hash(payload), "\(random)")
    }
  }

  @Test func wordsInAnotherOrderHaveAnotherHash() {
    let words = (0..<64).map { [UInt8](repeating: UInt8($0), count: 8) }
    for place in 1..<64 {
      var other = words
      other.swapAt(0, place)
      #expect(hash(other.flatMap(\.self)) != hash(words.flatMap(\.self)))
    }
  }

  @Test func opcodeAndLengthAreHashed() {
    let payload = [UInt8](repeating: 0, count: 512)
    let hashes = [(1, 512), (2, 512), (1, 513), (2, 513)].map { hash(payload, opcode: $0.0, length: $0.1) }
    #expect(Set(hashes).count == 4)
    let shorter = [255, 256, 264, 320, 512].map { hash(Array(payload[..<$0]), length: 512) }
    #expect(Set(shorter).count == 5)
  }

  private func hash(_ payload: [UInt8], opcode: UInt64 = 1, length: UInt64? = nil) -> UInt64 {
    payload.span.hash(opcode, length ?? UInt64(payload.count))
  }
}
