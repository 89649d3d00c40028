import WireBytes

/// A hash of bytes which the process seeds. `Hasher` takes four times as long, and every handshake is hashed.
struct ByteDigest {
  private(set) var value = Self.seed

  private static let seed = UInt64.random(in: .min ... .max)
  private static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// `ignoringCase`: letters count as lower case, and some other bytes as others.
  mutating func combine(_ bytes: Span<UInt8>, ignoringCase: Bool = false) {
    let lower: UInt64 = ignoringCase ? 0x2020_2020_2020_2020 : 0
    var index = 0
    while index &+ 8 <= bytes.count {
      combine(bytes.uint64(at: index) | lower)
      index &+= 8
    }
    var rest: UInt64 = 0
    while index < bytes.count {
      rest = rest << 8 | UInt64(bytes[index])
      index &+= 1
    }
    combine(rest | lower)
    combine(UInt64(truncatingIfNeeded: bytes.count))
  }

  mutating func combine(_ word: UInt64) {
    let product = (value ^ word).multipliedFullWidth(by: Self.multiplier)
    value = product.high ^ product.low &+ word
  }
}
