import WireBytes

/// What is shown in place of a secret: `[redacted 7f3a]`.
///
/// The four digits are equal for equal values within a run, so that sessions can be told apart by them. They are a hash with
/// a key that is made at random for each run and never shown: neither they nor a list of likely values tell what the value was.
enum SecretMark {
  private static let key = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))

  /// The mark of a value.
  static func text(of value: Span<UInt8>) -> String {
    var hasher = Hasher()
    hasher.combine(key.0)
    hasher.combine(key.1)
    hasher.combine(value.count)
    unsafe value.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    let hash = UInt16(truncatingIfNeeded: hasher.finalize())
    return unsafe String(unsafeUninitializedCapacity: 15) { text in
      var count = 0
      for byte in "[redacted ".utf8 {
        unsafe text[count] = byte
        count += 1
      }
      for shift in [12, 8, 4, 0] {
        let digit = UInt8(hash >> UInt16(shift) & 0xF)
        unsafe text[count] = digit < 10 ? 0x30 + digit : 0x61 + digit - 10
        count += 1
      }
      unsafe text[count] = UInt8(ascii: "]")
      return count + 1
    }
  }
}
