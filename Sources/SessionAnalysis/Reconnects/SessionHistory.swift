import HTTP1
import TCPReassembly
import WireBytes

/// What later sessions are compared with. Bounded: when there are too many clients or keys the oldest knowledge goes.
package struct SessionHistory {
  private struct Chain {
    var session: UInt64
    var end: CaptureTime
    var count = 0
    /// When the first of a run of quick reconnects began, and how many there are.
    var runStart: CaptureTime
    var run = 0
    var isReported = false
    /// The last delays.
    var delays: [Int64] = []
  }

  private static let delayLimit = 16

  private struct Leg {
    var trace: SessionTrace
  }

  private struct UsedKey: Hashable {
    var key: KeyIdentity
    var server: Endpoint
  }

  private struct KeyUse {
    var session: UInt64
    var client: Endpoint
  }

  private var chains: [ReconnectPlace: Chain] = [:]
  private var legs: [KeyIdentity: Leg] = [:]
  private var keys: [UsedKey: KeyUse] = [:]
  private static let limit = 8192
  /// A client that comes back later than this starts anew: 10 min, in nanoseconds.
  private static let longestDelay: Int64 = 600_000_000_000
  /// This many reconnects within this many nanoseconds are a storm.
  static let stormCount = 5
  static let stormTime: Int64 = 10_000_000_000

  /// Before the first session.
  package init() {}

  /// A session begins. What it follows, and how many reconnects in how many nanoseconds make it a storm, if it is the
  /// one that does.
  package mutating func opened(
    _ session: UInt64, at place: ReconnectPlace, request: CaptureTime
  ) -> (reconnect: Reconnect?, storm: (count: Int, time: Int64)?) {
    guard !chains.isEmpty, var chain = chains[place] else { return (nil, nil) }
    let delay = request.nanoseconds(since: chain.end)
    guard (0...Self.longestDelay).contains(delay) else {
      chains[place] = nil
      return (nil, nil)
    }
    chain.count += 1
    if request.nanoseconds(since: chain.runStart) > Self.stormTime {
      (chain.runStart, chain.run, chain.isReported) = (request, 0, false)
    }
    chain.run += 1
    var storm: (count: Int, time: Int64)?
    if chain.run >= Self.stormCount, !chain.isReported {
      chain.isReported = true
      storm = (chain.run, request.nanoseconds(since: chain.runStart))
    }
    if chain.delays.count == Self.delayLimit { chain.delays.removeFirst() }
    chain.delays.append(delay)
    chains[place] = chain
    let reconnect = Reconnect(
      after: chain.session, count: chain.count, delay: delay, delays: chain.delays,
      backoff: ReconnectBackoff(chain.delays))
    return (reconnect, storm)
  }

  /// A session ended. `isWanted`: the client ended it as one does that has no more to say.
  package mutating func closed(_ session: UInt64, at place: ReconnectPlace, end: CaptureTime, isWanted: Bool)
  {
    if isWanted {
      if !chains.isEmpty { chains[place] = nil }
      return
    }
    if chains.count >= Self.limit { chains.removeAll(keepingCapacity: true) }
    var chain = chains[place] ?? Chain(session: session, end: end, runStart: end)
    (chain.session, chain.end) = (session, end)
    chains[place] = chain
  }

  /// The other leg of a session that was opened with this key; of several in a row the one opened before.
  package mutating func leg(_ trace: SessionTrace, key: KeyIdentity) -> (leg: ProxyLeg, trace: SessionTrace)?
  {
    if legs.count >= Self.limit { legs.removeAll(keepingCapacity: true) }
    guard let other = legs.updateValue(Leg(trace: trace), forKey: key)?.trace, other.server != trace.server
    else { return nil }
    let delay = trace.session.start.nanoseconds(since: other.session.start)
    let found = ProxyLeg(
      of: other.session.number, isFront: delay < 0,
      delay: delay.magnitude > Int64.max ? .max : abs(delay))
    return (found, other)
  }

  /// The session of the same client on another connection to the same server that had this key before. Two by chance are
  /// not to be expected.
  package mutating func before(_ trace: SessionTrace, withKey key: KeyIdentity) -> UInt64? {
    if keys.count >= Self.limit { keys.removeAll(keepingCapacity: true) }
    let use = KeyUse(session: trace.session.number, client: trace.client)
    guard let before = keys.updateValue(use, forKey: UsedKey(key: key, server: trace.server)),
      before.client.address == trace.client.address, before.client != trace.client
    else { return nil }
    return before.session
  }

  /// The other leg is looked for among open sessions only.
  package mutating func forget(key: KeyIdentity, of session: UInt64) {
    guard let place = legs.index(forKey: key), legs.values[place].trace.session.number == session else {
      return
    }
    legs.remove(at: place)
  }
}
