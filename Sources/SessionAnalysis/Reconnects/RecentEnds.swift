import TCPReassembly
import WireBytes

/// How many sessions a server ended at about the same time: what a restart looks like.
package struct RecentEnds {
  /// Sessions that a server ended since `start`.
  private struct Run {
    var start: CaptureTime
    var count: Int
  }

  /// Ends of one server within this time belong together, in nanoseconds.
  private static let window: Int64 = 1_000_000_000
  /// Servers that are remembered.
  private static let serverLimit = 4096
  private var runs: [Endpoint: Run] = [:]

  /// Before the first end.
  package init() {}

  /// Notes an end, and returns how many others of the same server came within the second before.
  package mutating func note(_ server: Endpoint, at time: CaptureTime) -> Int {
    if let run = runs[server], (-Self.window...Self.window).contains(time.nanoseconds(since: run.start)) {
      runs[server]?.count += 1
      return run.count
    }
    if runs.count >= Self.serverLimit { runs.removeAll(keepingCapacity: true) }
    runs[server] = Run(start: time, count: 1)
    return 0
  }
}
