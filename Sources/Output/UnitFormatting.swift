/// Amounts as a person reads them. JSON has the exact ones.
extension OutputBuffer {
  /// Appends a number of bytes: `8 B`, `1.4 KiB`, `64.0 KiB`, with spaces before it up to `width`.
  public mutating func append(size bytes: UInt64, width: Int = 0) {
    let size = Size(bytes)
    let length = decimalLength(of: size.whole) + (size.tenth == nil ? 0 : 2) + 1 + size.unit.utf8CodeUnitCount
    append(repeating: UInt8(ascii: " "), count: width - length)
    append(decimal: size.whole)
    if let tenth = size.tenth {
      append(UInt8(ascii: "."))
      append(decimal: tenth)
    }
    append(UInt8(ascii: " "))
    append(size.unit)
  }

  /// Appends a length of time with two or three figures: `734 µs`, `12 ms`, `60.1 s`, `4 min 3 s`, `2 h 5 min`.
  public mutating func append(duration nanoseconds: Int64) {
    if nanoseconds < 0 { append(UInt8(ascii: "-")) }
    let span = nanoseconds.magnitude
    let (µs, ms, s): (UInt64, UInt64, UInt64) = (1_000, 1_000_000, 1_000_000_000)
    // Each bound is where the rounded number would gain a figure: 999.6 ms is 1.0 s.
    switch span {
    case 0..<µs: append(span, "ns")
    case 0..<(ms - µs / 2): append(rounded(span, to: µs), "µs")
    case 0..<(10 * ms - ms / 20): append(tenths: rounded(span, to: ms / 10), "ms")
    case 0..<(s - ms / 2): append(rounded(span, to: ms), "ms")
    case 0..<(120 * s - s / 20): append(tenths: rounded(span, to: s / 10), "s")
    case 0..<(3600 * s - s / 2): appendPair(rounded(span, to: s), 60, "min", "s")
    case 0..<(48 * 3600 * s - 30 * s): appendPair(rounded(span, to: 60 * s), 60, "h", "min")
    default: appendPair(rounded(span, to: 3600 * s), 24, "d", "h")
    }
  }

  /// Appends a moment relative to another: `+0.012911`, with spaces before it up to `width`. Digits after the
  /// sixth are cut, not rounded: an event never shows a time that had not come.
  public mutating func append(relative nanoseconds: Int64, width: Int = 0) {
    let microseconds = nanoseconds.magnitude / 1000
    let (seconds, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    append(repeating: UInt8(ascii: " "), count: width - decimalLength(of: seconds) - 8)
    append(nanoseconds < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
    append(decimal: seconds)
    append(UInt8(ascii: "."))
    append(decimal: fraction, digits: 6)
  }

  /// Appends a number of things: `1 message`, `3 messages`. The plural adds an s unless it is given.
  public mutating func append(count: UInt64, _ singular: StaticString, plural: StaticString? = nil) {
    append(decimal: count)
    append(UInt8(ascii: " "))
    if count == 1 {
      append(singular)
    } else if let plural {
      append(plural)
    } else {
      append(singular)
      append(UInt8(ascii: "s"))
    }
  }

  private mutating func append(_ value: UInt64, _ unit: StaticString) {
    append(decimal: value)
    append(UInt8(ascii: " "))
    append(unit)
  }

  private mutating func append(tenths: UInt64, _ unit: StaticString) {
    append(decimal: tenths / 10)
    append(UInt8(ascii: "."))
    append(tenths % 10, unit)
  }

  /// The second unit is left out when there is none of it: `2 h`.
  private mutating func appendPair(
    _ value: UInt64, _ each: UInt64, _ large: StaticString, _ small: StaticString
  ) {
    append(value / each, large)
    guard value % each > 0 else { return }
    append(UInt8(ascii: " "))
    append(value % each, small)
  }
}

private func rounded(_ value: UInt64, to unit: UInt64) -> UInt64 { (value + unit / 2) / unit }

/// A number of bytes in the unit that leaves one to four figures before the point.
private struct Size {
  let whole: UInt64
  let tenth: UInt64?
  let unit: StaticString

  init(_ bytes: UInt64) {
    guard bytes >= 1024 else {
      (whole, tenth, unit) = (bytes, nil, "B")
      return
    }
    // Rounding may reach the next unit: 1,048,575 bytes are 1.0 MiB.
    var power = (63 - UInt64(bytes.leadingZeroBitCount)) / 10
    var tenths = Self.tenths(of: bytes, power)
    if tenths >= 10_240, power < 6 {
      power += 1
      tenths = Self.tenths(of: bytes, power)
    }
    (whole, tenth) = (tenths / 10, tenths % 10)
    unit =
      switch power {
      case 1: "KiB"
      case 2: "MiB"
      case 3: "GiB"
      case 4: "TiB"
      case 5: "PiB"
      default: "EiB"
      }
  }

  /// `bytes` in tenths of 1024 to the `power`, rounded, without leaving 64 bits.
  private static func tenths(of bytes: UInt64, _ power: UInt64) -> UInt64 {
    let unit: UInt64 = 1 << (10 * power)
    return bytes / unit * 10 + (bytes % unit * 10 + unit / 2) / unit
  }
}
