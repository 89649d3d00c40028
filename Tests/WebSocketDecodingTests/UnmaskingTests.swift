import TestSupport
import Testing

@testable import WebSocketDecoding

@Suite struct UnmaskingTests {
  @Test("Every length, phase and alignment gives what one byte at a time gives", arguments: 0..<4)
  func likeTheReference(phase: Int) {
    var random = SeededRandom(seed: 42)
    for length in 0...200 {
      for shift in 0..<9 {
        let keyBytes = random.bytes(4)
        let source = random.bytes(length + shift)
        let reference = (0..<length).map { source[shift + $0] ^ keyBytes[(phase + $0) % 4] }
        var target = [UInt8](repeating: 0xEE, count: length + shift + 1)
        let key = Masking.key(word(keyBytes), atPhase: UInt64(phase))
        let isASCII = unsafe source.withUnsafeBytes { from in
          unsafe target.withUnsafeMutableBytes { to in
            unsafe Masking.apply(
              key, from: UnsafeRawBufferPointer(rebasing: from[shift...]),
              to: UnsafeMutableRawBufferPointer(rebasing: to[shift...]))
          }
        }
        #expect(Array(target[shift..<shift + length]) == reference, "length \(length), shift \(shift)")
        #expect(isASCII == reference.allSatisfy { $0 < 0x80 }, "length \(length), shift \(shift)")
        #expect(target[shift + length] == 0xEE, "wrote past the end")
      }
    }
  }

  @Test func oneByteThatIsNotASCIIShowsWhereverItStands() {
    for length in 1...80 {
      for place in 0..<length {
        var bytes = [UInt8](repeating: 0x61, count: length)
        let plain = unsafe bytes.withUnsafeMutableBytes {
          unsafe Masking.apply(0, from: UnsafeRawBufferPointer($0), to: $0)
        }
        bytes[place] = 0xC3
        let marked = unsafe bytes.withUnsafeMutableBytes {
          unsafe Masking.apply(0, from: UnsafeRawBufferPointer($0), to: $0)
        }
        #expect(plain && !marked, "byte \(place) of \(length)")
      }
    }
  }

  @Test func aPayloadMayBeUnmaskedInPlace() {
    let key: [UInt8] = [1, 2, 3, 4]
    var bytes = (0..<77).map { UInt8($0) }
    let reference = bytes.enumerated().map { $1 ^ key[$0 % 4] }
    _ = unsafe bytes.withUnsafeMutableBytes {
      unsafe Masking.apply(word(key), from: UnsafeRawBufferPointer($0), to: $0)
    }
    #expect(bytes == reference)
  }

  @Test func thePhaseOfAKeyTurnsWithEveryByteEvenFarOut() {
    let key = word([1, 2, 3, 4])
    #expect(Masking.key(key, atPhase: 4) == key)
    #expect(Masking.key(key, atPhase: 1) == word([2, 3, 4, 1]))
    #expect(Masking.key(key, atPhase: .max) == word([4, 1, 2, 3]))
  }

  /// A key as its bytes lie in memory.
  private func word(_ bytes: [UInt8]) -> UInt32 {
    UInt32(littleEndian: bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
  }
}
