import WireBytes

/// The sessions that follow one another because each one before was lost: what a session inherits from the one that it replaces.
final class ReconnectLineage {
  /// How many times the client came back so far.
  private var count = 0
  /// When the first of a run of quick reconnects began, and how many there are.
  private var runStart: CaptureTime
  private var run = 0
  private var isReported = false
  /// The last delays.
  private var delays: [Int64] = []

  private static let delayLimit = 16
  /// This many reconnects within this many nanoseconds are a storm.
  static let stormCount = 5
  static let stormTime: Int64 = 10_000_000_000

  /// The first session of a client was lost.
  init(end: CaptureTime) { runStart = end }

  /// The client asks again, so many nanoseconds after it lost `session`. How many reconnects in how many nanoseconds make it a
  /// storm, if this is the one that does.
  func add(_ request: CaptureTime, delay: Int64, after session: UInt64)
    -> (reconnect: Reconnect, storm: (count: Int, time: Int64)?)
  {
    count += 1
    if request.nanoseconds(since: runStart) > Self.stormTime {
      (runStart, run, isReported) = (request, 0, false)
    }
    run += 1
    var storm: (count: Int, time: Int64)?
    if run >= Self.stormCount, !isReported {
      isReported = true
      storm = (run, request.nanoseconds(since: runStart))
    }
    if delays.count == Self.delayLimit { delays.removeFirst() }
    delays.append(delay)
    let reconnect = Reconnect(
      after: session, count: count, delay: delay, delays: delays, backoff: ReconnectBackoff(delays))
    return (reconnect, storm)
  }
}
