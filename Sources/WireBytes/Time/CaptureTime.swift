/// A moment as the capture recorded it: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// No layer reads a clock; time comes with the packet.
public struct CaptureTime: Sendable, Hashable, Comparable {
  /// Nanoseconds since the Unix epoch; negative before 1970.
  public var nanoseconds: Int64

  /// A moment from its nanoseconds since the Unix epoch.
  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// A moment from the two fields of a capture. Values that no real clock shows saturate instead of trapping. The
  /// fraction may exceed 999,999,999, because libpcap does not check it.
  @inlinable
  public init(seconds: Int64, nanoseconds: Int64) {
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflowToo) = whole.addingReportingOverflow(nanoseconds)
    self.nanoseconds = overflow || overflowToo ? (seconds < 0 ? .min : .max) : sum
  }

  /// The earlier moment is the smaller one.
  @inlinable
  public static func < (a: CaptureTime, b: CaptureTime) -> Bool { a.nanoseconds < b.nanoseconds }

  /// Nanoseconds from `earlier` to this moment; negative when the packets are out of time order.
  @inlinable
  public func nanoseconds(since earlier: CaptureTime) -> Int64 {
    let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
    return overflow ? (nanoseconds < earlier.nanoseconds ? .min : .max) : difference
  }
}

extension CaptureTime: CustomStringConvertible {
  /// RFC 3339 in UTC with nine digits: `2026-11-20T09:12:03.123456789Z`.
  public var description: String {
    let date = CivilDate(secondsSinceEpoch: wholeSeconds)
    return date.description + "." + decimal(UInt64(fraction), digits: 9) + "Z"
  }

  /// Seconds since the epoch, rounded down.
  @inlinable public var wholeSeconds: Int64 {
    let quotient = nanoseconds / 1_000_000_000
    return nanoseconds % 1_000_000_000 < 0 ? quotient - 1 : quotient
  }

  /// Nanoseconds past `wholeSeconds`: 0 to 999,999,999.
  @inlinable public var fraction: Int64 {
    let rest = nanoseconds % 1_000_000_000
    return rest < 0 ? rest + 1_000_000_000 : rest
  }
}
