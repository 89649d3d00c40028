import WireBytes

/// The text of the second that was written last. Packets stand in time order: most moments share their second
/// with the one before, and the calendar is asked a few times a capture.
struct SecondText {
  private var second = Int64.min
  /// `2026-11-20T09:12:03.` as three words, first character lowest.
  private(set) var date: UInt64 = 0
  private(set) var dayToMinute: UInt64 = 0
  private(set) var seconds: UInt64 = 0

  /// Makes the text that of `wanted`, in seconds since the Unix epoch.
  @inline(__always)
  mutating func show(_ wanted: Int64) {
    if wanted != second { compute(wanted) }
  }

  @inline(never)
  private mutating func compute(_ wanted: Int64) {
    second = wanted
    let civil = CivilDate(secondsSinceEpoch: wanted)
    // 64-bit nanoseconds end in 2262 and begin in 1677: a year always has four digits.
    let year = UInt64(civil.year.magnitude) % 10_000
    let (dash, colon, dot) = (UInt64(0x2D), UInt64(0x3A), UInt64(0x2E))
    date = pair(year / 100) | pair(year % 100) << 16 | dash << 32 | pair(civil.month) << 40 | dash << 56
    dayToMinute =
      pair(civil.day) | UInt64(UInt8(ascii: "T")) << 16 | pair(civil.hour) << 24 | colon << 40
      | pair(civil.minute) << 48
    seconds = colon | pair(civil.second) << 8 | dot << 24
  }

  private func pair(_ value: some BinaryInteger) -> UInt64 {
    let value = UInt64(truncatingIfNeeded: value)
    return (value / 10 | (value % 10) << 8) + 0x3030
  }
}

extension OutputBuffer {
  /// Appends a moment as RFC 3339 in UTC with nine digits: `2026-11-20T09:12:03.123456789Z`.
  @inline(__always)
  mutating func append(time: CaptureTime, cache: inout SecondText) {
    cache.show(time.wholeSeconds)
    let tail = unsafe room(for: 24)
    unsafe store(cache.date, at: tail)
    unsafe store(cache.dayToMinute, at: tail + 8)
    unsafe store(cache.seconds, at: tail + 16)
    didWrite(20)
    append(decimal: UInt64(truncatingIfNeeded: time.fraction), digits: 9)
    append(UInt8(ascii: "Z"))
  }
}
