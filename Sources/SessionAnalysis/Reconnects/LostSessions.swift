import WireBytes

/// Sessions that clients lost, until they come back: each has one successor at most. Bounded: when there are too many, all are forgotten.
struct LostSessions {
  private struct Lost {
    let session: UInt64
    let end: CaptureTime
    let cookies: ClientCookies
    /// Nil of a client's first one.
    let lineage: ReconnectLineage?
  }

  /// Those of one place, of which there is one nearly always.
  private struct Waiting {
    /// All but the last one, in their order.
    var before: [Lost] = []
    var last: Lost
  }

  private var byPlace: [ReconnectPlace: Waiting] = [:]
  private var count = 0
  private static let limit = 8192
  /// Sessions of one place that wait for their successors; of more the last ones.
  private static let placeLimit = 64
  /// A client that comes back later than this starts anew: 10 min, in nanoseconds.
  private static let longestDelay: Int64 = 600_000_000_000
  /// Those that were lost within this time of each other were lost together, in nanoseconds.
  private static let together: Int64 = 1_000_000_000

  /// A session begins. What it follows, which nothing else follows then.
  mutating func replace(by trace: SessionTrace, at place: ReconnectPlace)
    -> (reconnect: Reconnect, storm: (count: Int, time: Int64)?)?
  {
    guard !byPlace.isEmpty, let all = byPlace.removeValue(forKey: place) else { return nil }
    var waiting = all.before + [all.last]
    let (request, before) = (trace.session.start, waiting.count)
    waiting.removeAll { request.nanoseconds(since: $0.end) > Self.longestDelay }
    defer {
      count -= before - waiting.count
      if let last = waiting.popLast() { byPlace[place] = Waiting(before: waiting, last: last) }
    }
    guard let index = Self.choose(waiting, for: trace.cookies, at: request) else { return nil }
    let lost = waiting.remove(at: index)
    let lineage = lost.lineage ?? ReconnectLineage(end: lost.end)
    let found = lineage.add(
      request, delay: request.nanoseconds(since: lost.end), after: lost.session)
    trace.lineage = lineage
    return found
  }

  /// Of those that the same user may have lost the last one; of several that were lost together, as in a restart, the first.
  private static func choose(_ waiting: [Lost], for cookies: ClientCookies, at request: CaptureTime) -> Int? {
    let mayBe = waiting.indices.filter {
      request.nanoseconds(since: waiting[$0].end) >= 0 && waiting[$0].cookies.mayBelong(with: cookies)
    }
    let same = mayBe.filter { waiting[$0].cookies == cookies }
    let fitting = same.isEmpty ? mayBe : same
    guard var chosen = fitting.last else { return nil }
    for index in fitting.dropLast().reversed() {
      let apart = waiting[chosen].end.nanoseconds(since: waiting[index].end)
      guard apart.magnitude <= UInt64(together) else { break }
      chosen = index
    }
    return chosen
  }

  /// The client of a session lost it.
  mutating func add(_ trace: SessionTrace, at place: ReconnectPlace, end: CaptureTime) {
    if count >= Self.limit { (byPlace, count) = ([:], 0) }
    let lost = Lost(
      session: trace.session.number, end: end, cookies: trace.cookies,
      lineage: trace.lineage)
    count += Self.add(lost, to: &byPlace[place])
  }

  /// Returns how many more wait now.
  private static func add(_ lost: Lost, to waiting: inout Waiting?) -> Int {
    guard let last = waiting?.last else {
      waiting = Waiting(last: lost)
      return 1
    }
    let isFull = waiting.map { $0.before.count + 1 >= placeLimit } ?? false
    if isFull { waiting?.before.removeFirst() }
    waiting?.before.append(last)
    waiting?.last = lost
    return isFull ? 0 : 1
  }
}
