/// What a code means, in 32 bits: how many bits it takes with those behind it (0–5), how many of them are the code (8–11), what it is
/// (12–15), and its value (16–31): a byte, or the least length or distance, to which the bits behind the code are added.
enum HuffmanEntry {
  static let literal: UInt32 = 1 << 15
  /// No byte and no length.
  static let special: UInt32 = 1 << 14
  static let endOfBlock = special
  static let invalid: UInt32 = special | 1 << 16
  static let longer: UInt32 = 0

  @inline(__always)
  static func of(_ meaning: UInt32, codeBits: Int) -> UInt32 {
    meaning &+ UInt32(truncatingIfNeeded: codeBits | codeBits << 8)
  }

  /// A value with so many bits behind the code.
  static func range(from value: Int, extraBits: Int) -> UInt32 { UInt32(value << 16 | extraBits) }

  @inline(__always)
  static func bits(_ entry: UInt32) -> Int { Int(entry & 63) }

  /// The value and what the bits add to it.
  @inline(__always)
  static func value(_ entry: UInt32, _ bits: UInt64) -> Int {
    let whole = bits & (1 &<< UInt64(entry & 63) &- 1)
    return Int(entry &>> 16) &+ Int(truncatingIfNeeded: whole &>> UInt64(entry &>> 8 & 15))
  }
}
