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
    for index in value.indices { hasher.combine(value[index]) }
    let digits = String(UInt16(truncatingIfNeeded: hasher.finalize()), radix: 16)
    return "[redacted " + String(repeating: "0", count: 4 - digits.utf8.count) + digits + "]"
  }
}
