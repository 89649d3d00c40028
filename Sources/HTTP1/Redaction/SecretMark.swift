import WireBytes

/// What is shown in place of a secret: `[redacted 7f3a]`.
///
/// The four digits are equal for equal values within a run, so that sessions can be told apart by them. They are a hash with
/// a key that is made at random for each run and never shown: neither they nor a list of likely values tell what the value was.
package enum SecretMark {
  private static let key = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))

  /// The mark of a value.
  package static func text(of value: Span<UInt8>) -> String { text(digits(of: value)) }

  /// The digits in the mark of a value, as a number.
  static func digits(of value: Span<UInt8>) -> UInt16 {
    var hasher = Hasher()
    hasher.combine(key.0)
    hasher.combine(key.1)
    hasher.combine(value.count)
    unsafe value.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    return UInt16(truncatingIfNeeded: hasher.finalize())
  }

  /// Whether there is a mark at a place of a text.
  static func isMark(in text: Span<UInt8>, at place: Int) -> Bool {
    text.has("[redacted ", at: place) && text.count >= place + 15 && text[place + 14] == UInt8(ascii: "]")
  }

  /// The mark with these digits.
  static func text(_ hash: UInt16) -> String {
    unsafe String(unsafeUninitializedCapacity: 15) { text in
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
