/// Reads compressed bytes as a stream of bits, the lowest bit of each byte first (RFC 1951 §3.1.1).
///
/// Bits that one call leaves over stay in `bits`; `index` only goes forward.
struct BitReader {
  /// Bits that were read and not used yet, the next one lowest. Above `count` there may be bits that are read again.
  var bits: UInt64 = 0
  /// How many of them are valid: up to 63.
  var count = 0
  /// The next byte to read.
  var index = 0

  /// The next `count` bits, which must be there.
  func low(_ count: Int) -> Int { Int(truncatingIfNeeded: bits) & (1 &<< count &- 1) }

  mutating func take(_ count: Int) {
    bits &>>= UInt64(truncatingIfNeeded: count)
    self.count &-= count
  }

  /// Reads until 56 bits or more are there, or all that are left of `input`.
  @inline(__always)
  mutating func fill(_ input: UnsafeRawBufferPointer) {
    // Measured hot. A buffer that has bytes left has an address.
    if input.count &- index >= 8 {
      // Bits that do not fit are read again later, with the same value.
      let base = unsafe input.baseAddress.unsafelyUnwrapped
      let word = unsafe base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      bits |= UInt64(littleEndian: word) &<< UInt64(truncatingIfNeeded: count)
      index &+= (63 &- count) &>> 3
      count |= 56
    } else {
      while count < 56 && index < input.count {
        let byte = unsafe input.baseAddress.unsafelyUnwrapped.load(fromByteOffset: index, as: UInt8.self)
        bits |= UInt64(byte) &<< UInt64(truncatingIfNeeded: count)
        index &+= 1
        count &+= 8
      }
    }
  }

  /// Forgets what `fill` read beyond `count`, because the next input continues after the last byte taken.
  mutating func cut() { bits &= 1 &<< UInt64(truncatingIfNeeded: count) &- 1 }
}
