import HTTP1
import SessionAnalysis
import TCPReassembly
import WireBytes

/// The last connections that did not come about: a proxy that answers 502, 503 or 504 may have asked for one of them.
///
/// What a connection came to as a whole is known; how often its SYN was sent again is told one by one, and added up here.
struct FailedConnections {
  /// Those that are remembered.
  private static let limit = 64
  /// Of one request so many are told.
  private static let toldLimit = 8
  /// A proxy knows from its own checks that a server is away, and does not ask it again for some time, in nanoseconds.
  private static let memory: Int64 = 10_000_000_000
  /// Between two SYNs of one connection, in nanoseconds.
  private static let longestWait: Int64 = 130_000_000_000
  private var recent: [FailedConnection] = []
  private var next = 0

  mutating func note(_ failed: FailedConnection) {
    // A SYN that is sent again, or answered at last.
    if let place = recent.lastIndex(where: {
      !$0.isRefused && $0.initiator == failed.initiator && $0.responder == failed.responder
        && failed.firstTime.nanoseconds(since: $0.lastTime) <= Self.longestWait
    }) {
      recent[place].lastPacket = failed.lastPacket
      recent[place].lastTime = failed.lastTime
      recent[place].isRefused = failed.isRefused
      if !failed.isRefused { recent[place].syns &+= 1 }
      return
    }
    if recent.count < Self.limit {
      recent.append(failed)
    } else {
      recent[next] = failed
      next = (next + 1) % Self.limit
    }
  }

  /// What the proxy that answered a request with an error had asked for in vain, in the order of the capture. Nil if there is nothing.
  func upstreams(of handshake: Handshake, at proxy: Endpoint) -> UpstreamFailure? {
    guard !recent.isEmpty, let request = handshake.request, let response = handshake.response,
      response.status >= 500
    else { return nil }
    // Where the rest of the answer is not captured, its end is not known; what led to it came before its start.
    let (asked, answered) = (
      request.start.time, response.isCut ? response.start.time : response.end.time
    )
    func happened(since start: CaptureTime) -> [FailedConnection] {
      recent.filter {
        $0.responder != proxy && $0.firstTime.nanoseconds(since: start) >= 0
          && $0.lastTime.nanoseconds(since: answered) <= 0
      }
    }
    var found = happened(since: asked)
    // A proxy may have another address towards its servers. Then only one place that was asked for tells.
    let own = found.filter { $0.initiator.address == proxy.address }
    let isInferred = own.isEmpty
    if !isInferred { found = own }
    if isInferred, Set(found.map(\.responder)).count != 1 { found = [] }
    let wasBefore = found.isEmpty
    if wasBefore {
      let before = happened(since: CaptureTime(nanoseconds: asked.nanoseconds &- Self.memory))
        .filter { $0.initiator.address == proxy.address }
      // The last time is enough.
      found = before.max { $0.firstPacket < $1.firstPacket }.map { [$0] } ?? []
    }
    if found.isEmpty { return nil }
    found.sort { $0.firstPacket < $1.firstPacket }
    return UpstreamFailure(
      connections: Array(found.prefix(Self.toldLimit)), count: found.count,
      before: wasBefore ? asked.nanoseconds(since: found[0].lastTime) : nil,
      isInferred: isInferred && !wasBefore)
  }
}
