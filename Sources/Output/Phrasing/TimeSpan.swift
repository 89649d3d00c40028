/// A length of time as a person reads it, with two or three figures: `734 µs`, `12 ms`, `60.1 s`, `4 min 3 s`, `2 h 5 min`.
struct TimeSpan {
  private let nanoseconds: Int64

  init(_ nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Its text.
  var text: String { String(writing: { write(to: &$0) }) }

  /// Appends it.
  func write(to out: inout OutputBuffer) {
    if nanoseconds < 0 { out.append(UInt8(ascii: "-")) }
    let span = nanoseconds.magnitude
    let (µs, ms, s): (UInt64, UInt64, UInt64) = (1_000, 1_000_000, 1_000_000_000)
    // Each bound is where the rounded number would gain a figure: 999.6 ms is 1.0 s.
    switch span {
    case 0..<µs: Self.write(span, "ns", to: &out)
    case 0..<(ms - µs / 2): Self.write(Self.rounded(span, to: µs), "µs", to: &out)
    case 0..<(10 * ms - ms / 20): Self.write(tenths: Self.rounded(span, to: ms / 10), "ms", to: &out)
    case 0..<(s - ms / 2): Self.write(Self.rounded(span, to: ms), "ms", to: &out)
    case 0..<(120 * s - s / 20): Self.write(tenths: Self.rounded(span, to: s / 10), "s", to: &out)
    case 0..<(3600 * s - s / 2): Self.write(Self.rounded(span, to: s), by: 60, "min", "s", to: &out)
    case 0..<(48 * 3600 * s - 30 * s):
      Self.write(Self.rounded(span, to: 60 * s), by: 60, "h", "min", to: &out)
    default: Self.write(Self.rounded(span, to: 3600 * s), by: 24, "d", "h", to: &out)
    }
  }

  private static func rounded(_ value: UInt64, to unit: UInt64) -> UInt64 { (value + unit / 2) / unit }

  private static func write(_ value: UInt64, _ unit: StaticString, to out: inout OutputBuffer) {
    out.append(decimal: value)
    out.append(UInt8(ascii: " "))
    out.append(unit)
  }

  private static func write(tenths: UInt64, _ unit: StaticString, to out: inout OutputBuffer) {
    out.append(decimal: tenths / 10)
    out.append(UInt8(ascii: "."))
    write(tenths % 10, unit, to: &out)
  }

  /// `4 min 3 s`; the second unit is left out when it is zero: `2 h`.
  private static func write(
    _ value: UInt64, by each: UInt64, _ large: StaticString, _ small: StaticString, to out: inout OutputBuffer
  ) {
    write(value / each, large, to: &out)
    guard value % each > 0 else { return }
    out.append(UInt8(ascii: " "))
    write(value % each, small, to: &out)
  }
}
