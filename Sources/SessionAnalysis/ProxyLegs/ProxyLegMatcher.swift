import PacketLayers
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// Finds the legs of one session around a proxy: by their Sec-WebSocket-Key, or where the proxy makes a new one by what
/// is said on them.
///
/// It looks only where a proxy may be: at some sessions from each new server on, and from the first sign of a proxy on at
/// all. Sessions that cannot be legs cost a look at their addresses, and their messages nothing.
package struct ProxyLegMatcher: ~Copyable {
  private var candidates: [ProxyLegCandidate] = []
  private var sawProxy = false
  private var servers: Set<Endpoint> = []
  private var serverAddresses: Set<IPAddress> = []
  /// Pairs of servers that were found to be in front of and behind a proxy.
  private var routes: Set<Route> = []
  /// Sessions whose messages are wanted.
  private var wanted = 0
  /// Up to this one sessions are looked at whatever their addresses.
  private var lastOnTrial: UInt64 = 0
  /// What is searched, by its first messages.
  private var candidatesByWord: [UInt64: [ProxyLegCandidate]] = [:]

  private struct Route: Hashable {
    var front: Endpoint
    var back: Endpoint
  }

  /// Some session's messages are wanted.
  package var isActive: Bool { wanted > 0 }

  /// This many sessions from a new server on are looked at whatever their addresses, for this many servers.
  private static let sessionsOnTrial: UInt64 = 64
  private static let serversOnTrial = 64
  private static let candidateLimit = 1024
  private static let serverLimit = 4096

  /// Before the first session.
  package init() {}

  // MARK: Sessions

  /// A session begins. `other` is the one with the same key, if there is one.
  package mutating func opened(
    _ trace: SessionTrace, other: SessionTrace?, isFront: Bool,
    handshake: @autoclosure () -> LegHandshake? = nil
  ) {
    if servers.count < Self.serverLimit, servers.insert(trace.server).inserted {
      serverAddresses.insert(trace.server.address)
      if servers.count <= Self.serversOnTrial {
        lastOnTrial = trace.session.number &+ Self.sessionsOnTrial &- 1
      }
    }
    // A server of some sessions is the client of this one, or it speaks for somebody and there are other servers.
    if servers.count > 1,
      serverAddresses.contains(trace.tcpClient.address) || trace.forwardedFor != nil
    {
      sawProxy = true
    }
    let isOnTrial = trace.session.number <= lastOnTrial
    guard other != nil || sawProxy || isOnTrial else { return }
    let candidate = ProxyLegCandidate(
      trace, start: trace.session.start, startsLate: !trace.hasHandshake, isOnTrial: isOnTrial,
      isUnlikely: other == nil && !sawProxy)
    candidate.handshake = handshake()
    trace.legCandidate = candidate
    wanted += 1
    keep(candidate)
    guard let other else { return }
    let isKnown = other.legCandidate?.isWanted ?? false
    let otherCandidate =
      other.legCandidate
      ?? ProxyLegCandidate(other, start: trace.session.start, startsLate: true, isOnTrial: false)
    other.legCandidate = otherCandidate
    if !isKnown { wanted += 1 }
    let (front, back) = isFront ? (candidate, otherCandidate) : (otherCandidate, candidate)
    if front.asFront == nil && back.asBack == nil {
      join(ProxyLegPair(front: front, back: back, basis: .key), front, back)
    }
  }

  private mutating func keep(_ candidate: ProxyLegCandidate) {
    if candidates.count >= 64, let first = candidates.first, isOld(first, at: candidate.start) {
      for old in candidates where isOld(old, at: candidate.start) { unlist(old) }
      candidates = candidates.filter { !isOld($0, at: candidate.start) }
    }
    if candidates.count >= Self.candidateLimit { stopSearching(candidates.removeFirst()) }
    candidates.append(candidate)
  }

  private func isOld(_ candidate: ProxyLegCandidate, at time: CaptureTime) -> Bool {
    guard let end = candidate.end else { return !candidate.isSearched }
    return time.nanoseconds(since: end.time) > ProxyLeg.longestDelay
  }

  /// A session ends. What is known of its other legs. `cause` is asked only if there are any.
  package mutating func closed(
    _ candidate: ProxyLegCandidate, _ end: ProxyLegCandidate.End, cause: () -> Cause? = { nil }
  ) -> [LegComparison] {
    if candidate.isWanted { wanted -= 1 }
    candidate.end = end
    let known = candidate.pairs
    if candidate.isSearched && known.isEmpty { search(for: candidate, isLast: true) }
    if candidate.asFront == nil && candidate.asBack == nil { return [] }
    let cause = cause()
    candidate.asFront?.note(cause, ofFront: true)
    candidate.asBack?.note(cause, ofFront: false)
    // A pair that was made just now knows of this end.
    return candidate.pairs.map { pair in
      known.contains { $0 === pair }
        ? pair.close(candidate.session, end) : pair.comparison(for: candidate.session)
    }
  }

  // MARK: Messages

  /// A message of a session came; `payload` is what is kept of it.
  package mutating func received(
    _ message: borrowing Message, payload: Span<UInt8>, _ candidate: ProxyLegCandidate
  ) {
    guard candidate.isWanted else { return }
    let side = message.side
    let seen = MessageFingerprint(message, number: candidate.nextNumber(of: side), payload: payload)
    candidate.asFront?.receive(seen, from: side, onFront: true)
    candidate.asBack?.receive(seen, from: side, onFront: false)
    guard candidate.isSearched else { return }
    candidate.add(seen, from: side)
    if let word = candidate.addFirstWord(seen) { list(candidate, by: word) }
    // At 4, 8, 16 … messages: more of them can make certain what is in doubt.
    let isFull = candidate.isFull
    if isFull || candidate.count >= 4 && candidate.count & (candidate.count - 1) == 0 {
      search(for: candidate, isLast: isFull)
    }
    if isFull { stopSearching(candidate) }
  }

  private mutating func stopSearching(_ candidate: ProxyLegCandidate) {
    guard candidate.isSearched else { return }
    let wasWanted = candidate.isWanted
    candidate.isSearched = false
    unlist(candidate)
    candidate.forgetMessages()
    if wasWanted && !candidate.isWanted { wanted -= 1 }
    candidates.removeAll { $0 === candidate }
  }

  private mutating func list(_ candidate: ProxyLegCandidate, by word: UInt64) {
    // Of what all say, as in a broadcast, the last ones are enough.
    if candidatesByWord[word]?.count == Self.listLimit { candidatesByWord[word]?.removeFirst() }
    candidatesByWord[word, default: []].append(candidate)
  }

  private static let listLimit = 128

  private mutating func unlist(_ candidate: ProxyLegCandidate) {
    for word in candidate.firstWords {
      candidatesByWord[word]?.removeAll { $0 === candidate }
      if candidatesByWord[word]?.isEmpty ?? false { candidatesByWord[word] = nil }
    }
  }

  // MARK: Comparing

  private struct Fit {
    let pair: ProxyLegPair
    let front: ProxyLegCandidate
    let back: ProxyLegCandidate
    let isClear: Bool

    func other(than candidate: ProxyLegCandidate) -> ProxyLegCandidate { front === candidate ? back : front }
  }

  /// Looks for the other leg of a session among those that were asked for at about the same time.
  private mutating func search(for candidate: ProxyLegCandidate, isLast: Bool) {
    let fits = fits(of: candidate, isLast: isLast)
    // While others fit as well, what is said next may tell.
    guard let first = fits.first, fits.count == 1 && first.isClear || isLast else { return }
    let best = fits.count == 1 ? first : inTurn(fits, of: candidate)
    let equal = best.pair.client.matched &+ best.pair.server.matched
    best.pair.basis = .content(
      equal: Int(clamping: equal), of: min(best.front.count, best.back.count), alternatives: fits.count - 1)
    join(best.pair, best.front, best.back)
  }

  private func fits(of candidate: ProxyLegCandidate, isLast: Bool) -> [Fit] {
    let others = others(than: candidate).filter { other in
      guard other.isSearched, mayBeLegs(candidate, other) else { return false }
      let (front, back) = inOrder(candidate, other)
      return front.asFront == nil && back.asBack == nil
    }
    let near = others.sorted { distance($0, candidate) < distance($1, candidate) }.prefix(Self.comparedLimit)
    return near.compactMap { other in
      let (front, back) = inOrder(candidate, other)
      let pair = ProxyLegPair(front: front, back: back, basis: .key)
      return fits(pair, isLast: isLast).map { Fit(pair: pair, front: front, back: back, isClear: $0) }
    }
  }

  /// Those that begin to say the same. Of one that was found in the middle all may.
  private func others(than candidate: ProxyLegCandidate) -> [ProxyLegCandidate] {
    if candidate.startsLate { return candidates.filter { $0 !== candidate } }
    var seen: Set<UInt64> = [candidate.session]
    var others: [ProxyLegCandidate] = []
    for other in candidate.firstWords.flatMap({ candidatesByWord[$0] ?? [] })
      + candidates.filter(\.startsLate)
    where seen.insert(other.session).inserted {
      others.append(other)
    }
    return others
  }

  private func distance(_ one: ProxyLegCandidate, _ other: ProxyLegCandidate) -> UInt64 {
    one.start.nanoseconds(since: other.start).magnitude
  }

  /// Of several sessions that say the same, as in a broadcast, the one whose turn it is: a proxy asks its server in the order
  /// in which it was asked.
  private func inTurn(_ fits: [Fit], of candidate: ProxyLegCandidate) -> Fit {
    let isFront = fits[0].front === candidate
    let peers = others(than: candidate).filter {
      $0.server == candidate.server && $0.isSearched && (isFront ? $0.asFront : $0.asBack) == nil
    }
    let turn = peers.count { $0.begins(before: candidate) }
    let inOrder = fits.sorted { $0.other(than: candidate).begins(before: $1.other(than: candidate)) }
    return inOrder[min(turn, inOrder.count - 1)]
  }

  /// Sessions that one is compared with at a time.
  private static let comparedLimit = 64

  /// A proxy asks its server after it was asked. Where that was not captured, the order of the servers may be known.
  private func inOrder(_ one: ProxyLegCandidate, _ other: ProxyLegCandidate) -> (
    front: ProxyLegCandidate, back: ProxyLegCandidate
  ) {
    if routes.contains(Route(front: one.server, back: other.server)) { return (one, other) }
    if routes.contains(Route(front: other.server, back: one.server)) { return (other, one) }
    return one.begins(before: other) ? (one, other) : (other, one)
  }

  /// Whether what is known of them beside their messages speaks for two legs: different servers, at the same time, and the
  /// proxy's address on both, or a field that says whom it speaks for, or that others before were.
  private func mayBeLegs(_ one: ProxyLegCandidate, _ other: ProxyLegCandidate) -> Bool {
    guard one.server != other.server else { return false }
    let apart = one.start.nanoseconds(since: other.start)
    guard
      (-ProxyLeg.longestDelay...ProxyLeg.longestDelay).contains(apart) || one.startsLate || other.startsLate,
      overlap(one, other), overlap(other, one)
    else { return false }
    return one.server.address == other.client.address || other.server.address == one.client.address
      || speaks(one, for: other) || speaks(other, for: one)
      || routes.contains(Route(front: one.server, back: other.server))
      || routes.contains(Route(front: other.server, back: one.server))
      || one.isOnTrial && other.isOnTrial
  }

  private func overlap(_ one: ProxyLegCandidate, _ other: ProxyLegCandidate) -> Bool {
    guard let end = one.end else { return true }
    return other.start.nanoseconds(since: end.time) < 0
  }

  private func speaks(_ back: ProxyLegCandidate, for front: ProxyLegCandidate) -> Bool {
    !back.forwardedFor.isEmpty && back.forwardedFor.contains(front.clientName)
  }

  /// Nil when the messages do not fit; otherwise whether that is clear, or only the best there can be.
  private func fits(_ pair: ProxyLegPair, isLast: Bool) -> Bool? {
    let matched = pair.client.matched &+ pair.server.matched
    let different = pair.client.differenceCount &+ pair.server.differenceCount
    let telling = pair.client.telling + pair.server.telling
    let backwards = pair.client.backwards &+ pair.server.backwards
    let slowest = max(pair.client.delays.maximum, pair.server.delays.maximum)
    guard matched > 0, backwards &* 10 <= matched, slowest <= ProxyLeg.longestDelay,
      different &* 3 <= matched
    else { return nil }
    if telling >= 3 { return true }
    let waiting = pair.client.waiting + pair.server.waiting
    return isLast && telling >= 2 && different == 0 && waiting == 0 ? false : nil
  }

  private mutating func join(_ pair: ProxyLegPair, _ front: ProxyLegCandidate, _ back: ProxyLegCandidate) {
    (front.asFront, back.asBack) = (pair, pair)
    pair.compareHandshakes(front, back)
    sawProxy = true
    if routes.count < Self.serverLimit { routes.insert(Route(front: front.server, back: back.server)) }
  }
}

extension ProxyLegCandidate {
  /// A session whose other legs are looked for.
  convenience init(
    _ trace: SessionTrace, start: CaptureTime, startsLate: Bool, isOnTrial: Bool, isUnlikely: Bool = false
  ) {
    self.init(
      session: trace.session.number, client: trace.tcpClient, server: trace.server,
      hasHandshake: trace.hasHandshake, forwardedFor: trace.forwardedFor, start: start,
      startsLate: startsLate, isOnTrial: isOnTrial, isUnlikely: isUnlikely)
  }
}
