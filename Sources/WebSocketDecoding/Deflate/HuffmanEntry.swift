/// What a code means, in 32 bits: the number of bits of the code and its extra bits together (bits 0–5), the number of bits of the code
/// alone (8–11), its kind (12–15), and its value (16–31): a byte, or the least length or distance, to which the extra bits are added.
enum HuffmanEntry {
  static let literal: UInt32 = 1 << 15
  /// Neither a byte nor a length.
  static let special: UInt32 = 1 << 14
  static let endOfBlock = special
  static let invalid: UInt32 = special | 1 << 16
  static let longer: UInt32 = 0

  @inline(__always)
  static func of(_ meaning: UInt32, codeBits: Int) -> UInt32 {
    meaning &+ UInt32(truncatingIfNeeded: codeBits | codeBits << 8)
  }

  /// A value that this many extra bits are added to.
  static func range(from value: Int, extraBits: Int) -> UInt32 { UInt32(value << 16 | extraBits) }

  @inline(__always)
  static func bits(_ entry: UInt32) -> Int { Int(entry & 63) }

  /// The value of the code at the front of `bits`, with its extra bits added.
  @inline(__always)
  static func value(_ entry: UInt32, _ bits: UInt64) -> Int {
    let whole = bits & (1 &<< UInt64(entry & 63) &- 1)
    return Int(entry &>> 16) &+ Int(truncatingIfNeeded: whole &>> UInt64(entry &>> 8 & 15))
  }
}
