internal import WireBytes

/// A moment as the capture recorded it.
public struct PacketTime: Sendable, Hashable, Comparable {
  /// Nanoseconds since 1970-01-01T00:00:00Z, without leap seconds; negative before.
  public let nanosecondsSince1970: Int64

  /// The earlier moment is the smaller one.
  public static func < (a: PacketTime, b: PacketTime) -> Bool {
    a.nanosecondsSince1970 < b.nanosecondsSince1970
  }
}

extension PacketTime: CustomStringConvertible {
  /// RFC 3339 in UTC with nine digits: `2026-11-20T09:12:03.123456789Z`
  public var description: String { CaptureTime(nanoseconds: nanosecondsSince1970).description }

  init(_ time: CaptureTime) { nanosecondsSince1970 = time.nanoseconds }
}
