import WireBytes

/// Writes moments in UTC, and remembers the text of the second that it wrote last: packets come in time order, so most moments
/// share their second with the one before, and the calendar is asked a few times per capture.
struct TimestampWriter {
  private var second = Int64.min
  /// `2026-11-20T09:12:03.` as three words, first character lowest.
  private var date: UInt64 = 0
  private var dayToMinute: UInt64 = 0
  private var seconds: UInt64 = 0

  /// Appends a moment as RFC 3339 in UTC with nine digits: `2026-11-20T09:12:03.123456789Z`.
  @inline(__always)
  mutating func write(_ time: CaptureTime, to out: inout OutputBuffer) {
    let wanted = time.wholeSeconds
    if wanted != second { compute(wanted) }
    let tail = unsafe out.room(for: 24)
    unsafe store(date, at: tail)
    unsafe store(dayToMinute, at: tail + 8)
    unsafe store(seconds, at: tail + 16)
    out.didWrite(20)
    out.append(decimal: UInt64(truncatingIfNeeded: time.fraction), digits: 9)
    out.append(UInt8(ascii: "Z"))
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
