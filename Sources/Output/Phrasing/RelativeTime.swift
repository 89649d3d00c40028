/// A moment relative to another: `+0.012911`. Digits after the sixth are cut, not rounded: no event shows a time that had not
/// come yet.
struct RelativeTime {
  private let nanoseconds: Int64

  init(_ nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Appends it, with spaces before it up to `width` columns.
  func write(to out: inout OutputBuffer, width: Int = 0) {
    let microseconds = nanoseconds.magnitude / 1000
    let (seconds, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    out.append(repeating: UInt8(ascii: " "), count: width - decimalLength(of: seconds) - 8)
    out.append(nanoseconds < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
    out.append(decimal: seconds)
    out.append(UInt8(ascii: "."))
    out.append(decimal: fraction, digits: 6)
  }
}
