import TCPReassembly
import WireBytes

/// At what age the sessions of a server ended: a limit on it shows only in several.
package struct RecentLifetimes {
  private struct End {
    var age: Int64
    var idle: Int64
    var time: CaptureTime
  }

  /// Ends that are remembered of a server.
  private static let endLimit = 16
  /// Servers that are remembered.
  private static let serverLimit = 4096
  /// Sessions that end together have the same age if they began together: what ended them is then something else, such as
  /// a restart. So their ends must be at least this many nanoseconds apart, and at least this many times as far apart as
  /// their ages are.
  private static let shortestDistance: Int64 = 2_000_000_000
  private static let timesAsFar: Int64 = 10
  /// Sessions that ended after the same silence of this length or more ended because of it, in nanoseconds.
  private static let longSilence: Int64 = 5_000_000_000
  private static let sameSilence: Int64 = 2_000_000_000
  private var ends: [Endpoint: [End]] = [:]

  /// Before the first end.
  package init() {}

  /// Notes the end of a session of this age, `idle` nanoseconds after the last byte. Returns how many sessions of the server
  /// ended at the same age before, within a hundredth of it.
  package mutating func note(_ server: Endpoint, age: Int64, idle: Int64, at time: CaptureTime) -> Int {
    if ends.count >= Self.serverLimit, ends[server] == nil { ends.removeAll(keepingCapacity: true) }
    let end = End(age: age, idle: idle, time: time)
    var known = ends[server] ?? []
    let others = known.count { Self.haveSameLimit($0, end) }
    if known.count == Self.endLimit { known.removeFirst() }
    known.append(end)
    ends[server] = known
    return others
  }

  private static func haveSameLimit(_ one: End, _ other: End) -> Bool {
    let difference = abs(one.age &- other.age)
    let distance = other.time.nanoseconds(since: one.time).magnitude
    if min(one.idle, other.idle) >= longSilence, abs(one.idle &- other.idle) <= sameSilence { return false }
    return difference <= max(one.age, other.age) / 100 && distance >= UInt64(shortestDistance)
      && distance / UInt64(timesAsFar) >= UInt64(difference)
  }
}
