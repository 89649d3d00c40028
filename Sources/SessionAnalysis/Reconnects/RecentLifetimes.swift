import TCPReassembly
import WireBytes

/// At what age the sessions of a server, or of a host name that several servers have, ended: a limit on it shows only in several.
package struct RecentLifetimes {
  private struct End {
    var age: Int64
    var idle: Int64
    var time: CaptureTime
  }

  /// Ends that are remembered of a place.
  private static let endLimit = 16
  /// Servers and host names that are remembered.
  private static let placeLimit = 8192
  /// Sessions that end together have the same age if they began together: what ended them is then something else, such as
  /// a restart. So their ends must be at least this many nanoseconds apart, and at least this many times as far apart as
  /// their ages are.
  private static let shortestDistance: Int64 = 2_000_000_000
  private static let timesAsFar: Int64 = 10
  /// Sessions that ended after the same silence of this length or more ended because of it, in nanoseconds.
  private static let longSilence: Int64 = 5_000_000_000
  private static let sameSilence: Int64 = 2_000_000_000
  /// How likely ages that have nothing to do with each other may be to agree so well. Where they agree with a limit that is
  /// known, that rules out most of chance.
  private static let likelyChance = 3e-5
  private static let likelyChanceAtLimit = 0.04
  /// Ages are not known better, in nanoseconds.
  private static let precision: Int64 = 1_000_000

  private enum Place: Hashable {
    case server(Endpoint)
    case host(UInt64)
  }
  private var ends: [Place: [End]] = [:]

  /// Sessions that ended at the same age.
  package struct SameAge: Sendable, Equatable {
    /// How many.
    package var others: Int
    /// They had the same host name; otherwise the same address and port.
    package var isByHost: Bool
  }

  /// Before the first end.
  package init() {}

  /// Notes the end of a session of this age, `idle` nanoseconds after the last byte. Returns how many sessions of the server, or
  /// with the same host name, ended at the same age before, if that is more than chance explains. `host` is a hash of the name.
  /// `isNormal`: the server had no more to say.
  package mutating func note(
    _ server: Endpoint, host: UInt64?, age: Int64, idle: Int64, isNormal: Bool = false, at time: CaptureTime
  ) -> SameAge? {
    let end = End(age: age, idle: idle, time: time)
    let ofServer = note(end, at: .server(server))
    let ofHost = host.map { note(end, at: .host($0)) } ?? 0
    let others = max(ofServer, ofHost)
    guard others >= (isNormal ? 2 : 1) else { return nil }
    return SameAge(others: others, isByHost: ofHost > ofServer)
  }

  private mutating func note(_ end: End, at place: Place) -> Int {
    if ends.count >= Self.placeLimit, ends[place] == nil { ends.removeAll(keepingCapacity: true) }
    var known = ends[place] ?? []
    let others = Self.others(end, among: known)
    // Two that end together are no more evidence than one: perhaps they are one, before and behind a proxy.
    if known.contains(where: { Self.isSameEnd($0, end) }) { return others }
    if known.count == Self.endLimit { known.removeFirst() }
    known.append(end)
    ends[place] = known
    return others
  }

  /// How many ends were at the same age. By chance, ages are spread: how many of them differ a little more says how many to
  /// expect that differ so little (a Poisson distribution).
  private static func others(_ end: End, among known: [End]) -> Int {
    let differences = known.filter { isIndependent($0, end) }.map { abs($0.age &- end.age) }.sorted()
    let limit = Lifetime.isReached(at: end.age) ? likelyChanceAtLimit : likelyChance
    var (found, factorial) = (0, 1.0)
    for (index, difference) in differences.enumerated() where difference <= end.age / 100 {
      let difference = max(difference, precision)
      var expected = 0.0
      for window in [end.age / 10, end.age / 50] {
        let others = differences.count { $0 > difference && $0 <= window }
        expected = max(expected, Double(others + 1) * Double(difference) / Double(window))
      }
      var chance = 1.0
      factorial *= Double(index + 1)
      for _ in 0...index { chance *= expected }
      if chance / factorial <= limit { found = index + 1 }
    }
    return found
  }

  private static func isSameEnd(_ one: End, _ other: End) -> Bool {
    other.time.nanoseconds(since: one.time).magnitude < UInt64(shortestDistance)
      && abs(one.age &- other.age) <= max(one.age, other.age) / 100
  }

  /// Whether nothing but their age may have ended both.
  private static func isIndependent(_ one: End, _ other: End) -> Bool {
    let difference = abs(one.age &- other.age)
    let distance = other.time.nanoseconds(since: one.time).magnitude
    if min(one.idle, other.idle) >= longSilence, abs(one.idle &- other.idle) <= sameSilence { return false }
    return distance >= UInt64(shortestDistance)
      && (difference > max(one.age, other.age) / 100 || distance / UInt64(timesAsFar) >= UInt64(difference))
  }
}
