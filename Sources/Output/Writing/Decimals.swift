import WireBytes

/// Numbers as text, without a division per digit: eight digits are computed at once in one 64-bit word.
extension OutputBuffer {
  /// Appends a number in decimal.
  @inline(__always)
  public mutating func append(decimal value: some FixedWidthInteger) {
    if value < 0 { append(UInt8(ascii: "-")) }
    append(magnitude: UInt64(truncatingIfNeeded: value.magnitude))
  }

  /// Appends a number in decimal, with spaces before it up to `width`.
  public mutating func append(decimal value: UInt64, width: Int) {
    append(repeating: UInt8(ascii: " "), count: width - decimalLength(of: value))
    append(decimal: value)
  }

  /// Appends the last `digits` (1 to 16) decimal digits of a number, with leading zeros.
  @inline(__always)
  public mutating func append(decimal value: UInt64, digits: Int) {
    precondition(digits >= 1 && digits <= 16)
    let tail = unsafe room(for: 16)
    let low = asciiDigits(eightDigits(value % 100_000_000))
    if digits <= 8 {
      unsafe store(low &>> UInt64((8 &- digits) &* 8), at: tail)
    } else {
      let high = asciiDigits(eightDigits(value / 100_000_000 % 100_000_000))
      unsafe store(high &>> UInt64((16 &- digits) &* 8), at: tail)
      unsafe store(low, at: tail + (digits &- 8))
    }
    didWrite(digits)
  }

  /// Appends the last `digits` (1 to 16) hexadecimal digits of a number, lower case, with leading zeros.
  public mutating func append(hex value: UInt64, digits: Int) {
    precondition(digits >= 1 && digits <= 16)
    let tail = unsafe room(for: digits)
    for place in 0..<digits {
      let nibble = UInt8(truncatingIfNeeded: value &>> UInt64((digits &- 1 &- place) &* 4)) & 0xF
      unsafe tail[place] = hexDigit(nibble)
    }
    didWrite(digits)
  }

  /// Appends nanoseconds as seconds, exactly, without trailing zeros: `60.12`, `-0.5`, `3`.
  public mutating func append(seconds nanoseconds: Int64) {
    if nanoseconds < 0 { append(UInt8(ascii: "-")) }
    let (seconds, fraction) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
    append(magnitude: seconds)
    guard fraction > 0 else { return }
    append(UInt8(ascii: "."))
    append(decimal: fraction, digits: 9)
    var zeros = 0
    let end = unsafe room(for: 0)
    while unsafe end[-1 - zeros] == UInt8(ascii: "0") { zeros += 1 }
    didWrite(-zeros)
  }

  @inline(__always)
  private mutating func append(magnitude value: UInt64) {
    let tail = unsafe room(for: 24)
    if value < 100_000_000 {
      didWrite(unsafe storeLeading(value, at: tail))
    } else {
      didWrite(unsafe storeLarge(value, at: tail))
    }
  }

  @inline(never)
  private func storeLarge(_ value: UInt64, at tail: UnsafeMutablePointer<UInt8>) -> Int {
    let (rest, last) = value.quotientAndRemainder(dividingBy: 100_000_000)
    let length =
      unsafe rest < 100_000_000
      ? storeLeading(rest, at: tail) : storeLarge(rest, at: tail)
    unsafe store(asciiDigits(eightDigits(last)), at: tail + length)
    return length &+ 8
  }
}

/// How many characters a number takes in decimal.
func decimalLength(of value: UInt64) -> Int {
  var length = 1
  var rest = value
  while rest >= 10 { (rest, length) = (rest / 10, length + 1) }
  return length
}

/// The lower-case digit for 0 to 15.
@inline(__always)
func hexDigit(_ nibble: UInt8) -> UInt8 {
  nibble < 10 ? UInt8(ascii: "0") &+ nibble : UInt8(ascii: "a") &- 10 &+ nibble
}

/// Stores eight characters, the first in the lowest byte of `word`.
@inline(__always)
func store(_ word: UInt64, at target: UnsafeMutablePointer<UInt8>) {
  unsafe UnsafeMutableRawPointer(target).storeBytes(of: word.littleEndian, as: UInt64.self)
}

/// Stores a number below 10⁸ without leading zeros; writes 8 bytes and says how many count.
@inline(__always)
private func storeLeading(_ value: UInt64, at target: UnsafeMutablePointer<UInt8>) -> Int {
  let digits = eightDigits(value)
  let zeros = min(digits.trailingZeroBitCount &>> 3, 7)
  unsafe store(asciiDigits(digits) &>> UInt64(zeros &* 8), at: target)
  return 8 &- zeros
}

/// The eight decimal digits of a number below 10⁸, one a byte, the first in the lowest byte: halves of four
/// digits, then of two, then single ones, each step for all lanes at once. The multiplications divide by 100
/// and by 10 (10486 / 2²⁰ and 103 / 2¹⁰ are exact for four and two digits).
@inline(__always)
private func eightDigits(_ value: UInt64) -> UInt64 {
  let fours = (value / 10_000) | (value % 10_000) &<< 32
  let hundreds = ((fours &* 10486) &>> 20) & 0x0000_007F_0000_007F
  let twos = hundreds | (fours &- hundreds &* 100) &<< 16
  let tens = ((twos &* 103) &>> 10) & 0x000F_000F_000F_000F
  return tens | (twos &- tens &* 10) &<< 8
}

@inline(__always)
private func asciiDigits(_ digits: UInt64) -> UInt64 { digits | 0x3030_3030_3030_3030 }
