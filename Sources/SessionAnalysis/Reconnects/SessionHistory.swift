import HTTP1
import PacketLayers
import TCPReassembly
import WireBytes

/// What later sessions are compared with. Bounded: when there are too many clients or keys the oldest knowledge goes.
package struct SessionHistory {
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

  private struct Upstream: Hashable {
    var proxy: IPAddress
    var server: Endpoint
  }

  private var lost = LostSessions()
  /// Proxies, and the servers that they were seen to ask for their clients.
  private var upstreams: Set<Upstream> = []
  private var legs: [KeyIdentity: Leg] = [:]
  private var keys: [UsedKey: KeyUse] = [:]
  private static let limit = 8192
  private static let upstreamLimit = 4096

  /// Before the first session.
  package init() {}

  /// A session begins. What it follows, and how many reconnects in how many nanoseconds make it a storm, if it is the
  /// one that does. A proxy opens sessions when its clients do: those are no reconnects of its own.
  package mutating func opened(_ trace: SessionTrace)
    -> (reconnect: Reconnect, storm: (count: Int, time: Int64)?)?
  {
    guard let place = trace.place, !isUpstream(trace) else { return nil }
    return lost.replace(by: trace, at: place)
  }

  /// A session ended. `isWanted`: the client ended it as one does that has no more to say.
  package mutating func closed(_ trace: SessionTrace, end: CaptureTime, isWanted: Bool) {
    guard !isWanted, let place = trace.place, !isUpstream(trace) else { return }
    lost.add(trace, at: place, end: end)
  }

  /// A session was found to be the leg between a proxy and its server.
  package mutating func noteUpstream(_ trace: SessionTrace) {
    trace.isUpstream = true
    guard upstreams.count < Self.upstreamLimit else { return }
    upstreams.insert(Upstream(proxy: trace.tcpClient.address, server: trace.server))
  }

  private func isUpstream(_ trace: SessionTrace) -> Bool {
    trace.isUpstream
      || !upstreams.isEmpty
        && upstreams.contains(Upstream(proxy: trace.tcpClient.address, server: trace.server))
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
