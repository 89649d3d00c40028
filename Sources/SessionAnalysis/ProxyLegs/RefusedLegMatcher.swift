import HTTP1
import WireBytes

/// Finds the two legs of a request for an upgrade that was refused: the client's, and the one that the proxy made of it.
///
/// A proxy that is not told to pass an upgrade on drops the fields that ask for it, and the server refuses what is left. There are no
/// messages then, and no session is open long; so it is the requests that are compared, each with the few before it.
package struct RefusedLegMatcher {
  private var recent: [RefusedLeg] = []
  private var next = 0
  /// Requests that are remembered.
  private static let limit = 64

  /// Before the first request.
  package init() {}

  /// The other leg of a request.
  package struct Found {
    /// Which one it is.
    package let leg: ProxyLeg
    /// The proxy dropped what asks for an upgrade, and the session to say it in; nil if it did not.
    package let dropped: (anomaly: Anomaly, session: SessionReference)?
    /// The session of the server's leg.
    package let back: SessionReference
  }

  /// A request was refused, or got no answer. `other` is an open session with the same key, if there is one.
  package mutating func opened(_ trace: SessionTrace, _ handshake: LegHandshake, other: SessionTrace?)
    -> Found?
  {
    let leg = trace.makeRefusedLeg(handshake)
    trace.refusedLeg = leg
    defer { remember(leg) }
    // An upgrade that the server granted, and the proxy did not.
    if let other, other.refusedLeg == nil, let granted = other.legCandidate?.handshake {
      let back = other.makeRefusedLeg(granted)
      if let basis = back.basis(behind: leg) {
        other.refusedLeg = back
        return join(leg, back, basis)
      }
    }
    for place in recent.indices {
      let other = recent[(next &+ recent.count &- 1 &- place) % recent.count]
      guard other.pair == nil, other.session != leg.session else { continue }
      let isFront = leg.start < other.start || leg.start == other.start && leg.session < other.session
      if let basis = isFront ? other.basis(behind: leg) : leg.basis(behind: other) {
        return join(leg, other, basis)
      }
    }
    return nil
  }

  private mutating func remember(_ leg: RefusedLeg) {
    if recent.count < Self.limit {
      recent.append(leg)
    } else {
      recent[next] = leg
      next = (next + 1) % Self.limit
    }
  }

  private func join(_ leg: RefusedLeg, _ other: RefusedLeg?, _ basis: LegComparison.Basis) -> Found? {
    guard let other else { return nil }
    let isFront = leg.start < other.start || leg.start == other.start && leg.session < other.session
    let (front, back) = isFront ? (leg, other) : (other, leg)
    let pair = RefusedLegPair(front: front, back: back, basis: basis)
    (front.pair, back.pair) = (pair, pair)
    let delay = back.start.nanoseconds(since: front.start)
    return Found(
      leg: ProxyLeg(
        of: other.session, isFront: isFront, delay: max(0, delay), isInferred: basis == .request),
      dropped: dropped(pair, front, back), back: back.reference)
  }

  /// Said in the server's leg, whose request is wrong; in the client's if that one has ended.
  private func dropped(_ pair: RefusedLegPair, _ front: RefusedLeg, _ back: RefusedLeg)
    -> (anomaly: Anomaly, session: SessionReference)?
  {
    let broken = pair.differences.filter(\.breaksUpgrade)
    let leg = back.isClosed ? front : back
    guard !broken.isEmpty, let request = leg.handshake.request else { return nil }
    let anomaly = Anomaly(
      SessionRule.proxyDroppedUpgrade, by: back.isClosed ? nil : .client, at: request.start,
      "#\(pair.front) asks the proxy for an upgrade; the proxy passes on "
        + broken.map(\.changePhrase).joined(separator: ", ") + (back.isClosed ? " (#\(pair.back))" : ""))
    return (anomaly, leg.reference)
  }

  /// A session ends. What is known of its request's other leg.
  package func closed(_ trace: SessionTrace) -> LegComparison? {
    guard let leg = trace.refusedLeg else { return nil }
    leg.isClosed = true
    return leg.pair?.close(leg.session)
  }
}

extension SessionTrace {
  fileprivate func makeRefusedLeg(_ handshake: LegHandshake) -> RefusedLeg {
    RefusedLeg(
      session, client: tcpClient, server: server, key: key, forwardedFor: forwardedFor, handshake)
  }
}
