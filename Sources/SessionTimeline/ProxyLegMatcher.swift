import PacketLayers
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// Finds the legs of one session around a proxy: by their Sec-WebSocket-Key, or where the proxy makes a new one by what
/// is said on them.
///
/// It looks only where a proxy may be: at some sessions from each new server on, and from the first sign of a proxy on at
/// all. Sessions that cannot be legs cost a look at their addresses, and their messages nothing.
struct LegSearch {
  private var logs: [LegLog] = []
  private var sawProxy = false
  private var servers: Set<Endpoint> = []
  private var serverAddresses: Set<IPAddress> = []
  /// Pairs of servers that were found to be before and behind a proxy.
  private var routes: Set<Route> = []
  /// Sessions whose messages are wanted.
  private var wanted = 0
  /// Up to this one sessions are looked at whatever their addresses.
  private var lastOnTrial: UInt64 = 0
  /// What is searched, by its first messages.
  private var logsByWord: [UInt64: [LegLog]] = [:]

  private struct Route: Hashable {
    var front: Endpoint
    var back: Endpoint
  }

  /// Some session's messages are wanted.
  var isActive: Bool { wanted > 0 }

  /// So many sessions from a new server on are looked at whatever their addresses, for so many servers.
  private static let sessionsOnTrial: UInt64 = 64
  private static let serversOnTrial = 64
  private static let logLimit = 1024
  private static let serverLimit = 4096
  /// A proxy asks its server within 10 s, in nanoseconds; nor does it keep a message longer.
  static let longestDelay: Int64 = 10_000_000_000

  // MARK: Sessions

  /// A session begins. `other` is the one with the same key, if there is one.
  mutating func opened(_ trace: SessionTrace, other: SessionTrace?, isFront: Bool) {
    if servers.count < Self.serverLimit, servers.insert(trace.server).inserted {
      serverAddresses.insert(trace.server.address)
      if servers.count <= Self.serversOnTrial {
        lastOnTrial = trace.session.number &+ Self.sessionsOnTrial &- 1
      }
    }
    // A server of some sessions is the client of this one, or it speaks for somebody and there are other servers.
    if servers.count > 1,
      serverAddresses.contains(trace.client.address) || trace.forwardedFor != nil
    {
      sawProxy = true
    }
    let isOnTrial = trace.session.number <= lastOnTrial
    guard other != nil || sawProxy || isOnTrial else { return }
    let log = LegLog(
      trace, start: trace.session.start, startsLate: !trace.hasHandshake, isOnTrial: isOnTrial,
      isUnlikely: other == nil && !sawProxy)
    trace.legLog = log
    wanted += 1
    keep(log)
    guard let other else { return }
    let isKnown = other.legLog?.isWanted ?? false
    let otherLog =
      other.legLog ?? LegLog(other, start: trace.session.start, startsLate: true, isOnTrial: false)
    other.legLog = otherLog
    if !isKnown { wanted += 1 }
    let (front, back) = isFront ? (log, otherLog) : (otherLog, log)
    if front.asFront == nil && back.asBack == nil {
      join(LegPair(front: front, back: back, basis: .key), front, back)
    }
  }

  private mutating func keep(_ log: LegLog) {
    if logs.count >= 64, let first = logs.first, isOld(first, at: log.start) {
      for old in logs where isOld(old, at: log.start) { unlist(old) }
      logs = logs.filter { !isOld($0, at: log.start) }
    }
    if logs.count >= Self.logLimit { stopSearching(logs.removeFirst()) }
    logs.append(log)
  }

  private func isOld(_ log: LegLog, at time: CaptureTime) -> Bool {
    guard let end = log.end else { return !log.isSearched }
    return time.nanoseconds(since: end.time) > Self.longestDelay
  }

  /// A session ends. What is known of its other legs.
  mutating func closed(_ log: LegLog, _ end: LegLog.End) -> [LegComparison] {
    if log.isWanted { wanted -= 1 }
    log.end = end
    let known = log.pairs
    if log.isSearched && known.isEmpty { search(for: log, isLast: true) }
    // A pair that was made just now knows of this end.
    return log.pairs.map { pair in
      known.contains { $0 === pair } ? pair.close(log.session, end) : pair.comparison(for: log.session)
    }
  }

  // MARK: Messages

  mutating func received(_ message: borrowing Message, payload: Span<UInt8>, _ log: LegLog) {
    guard log.isWanted else { return }
    let side = message.side
    let seen = LegMessage(message, number: log.nextNumber(of: side), payload: payload)
    log.asFront?.receive(seen, from: side, onFront: true)
    log.asBack?.receive(seen, from: side, onFront: false)
    guard log.isSearched else { return }
    log.add(seen, from: side)
    if let word = log.addFirstWord(seen) { list(log, by: word) }
    // At 4, 8, 16 … messages: more of them can make certain what is in doubt.
    let isFull = log.isFull
    if isFull || log.count >= 4 && log.count & (log.count - 1) == 0 { search(for: log, isLast: isFull) }
    if isFull { stopSearching(log) }
  }

  private mutating func stopSearching(_ log: LegLog) {
    guard log.isSearched else { return }
    let wasWanted = log.isWanted
    log.isSearched = false
    unlist(log)
    log.forgetMessages()
    if wasWanted && !log.isWanted { wanted -= 1 }
    logs.removeAll { $0 === log }
  }

  private mutating func list(_ log: LegLog, by word: UInt64) {
    // Of what all say, as in a broadcast, the last ones are enough.
    if logsByWord[word]?.count == Self.listLimit { logsByWord[word]?.removeFirst() }
    logsByWord[word, default: []].append(log)
  }

  private static let listLimit = 128

  private mutating func unlist(_ log: LegLog) {
    for word in log.firstWords {
      logsByWord[word]?.removeAll { $0 === log }
      if logsByWord[word]?.isEmpty ?? false { logsByWord[word] = nil }
    }
  }

  // MARK: Comparing

  private struct Fit {
    let pair: LegPair
    let front: LegLog
    let back: LegLog
    let isClear: Bool

    func other(than log: LegLog) -> LegLog { front === log ? back : front }
  }

  /// Looks for the other leg of a session among those that were asked for at about the same time.
  private mutating func search(for log: LegLog, isLast: Bool) {
    let fits = fits(of: log, isLast: isLast)
    // While others fit as well, what is said next may tell.
    guard let first = fits.first, fits.count == 1 && first.isClear || isLast else { return }
    let best = fits.count == 1 ? first : inTurn(fits, of: log)
    let equal = best.pair.client.matched &+ best.pair.server.matched
    best.pair.basis = .content(
      equal: Int(clamping: equal), of: min(best.front.count, best.back.count), alternatives: fits.count - 1)
    join(best.pair, best.front, best.back)
  }

  private func fits(of log: LegLog, isLast: Bool) -> [Fit] {
    let others = others(than: log).filter { other in
      guard other.isSearched, mayBeLegs(log, other) else { return false }
      let (front, back) = inOrder(log, other)
      return front.asFront == nil && back.asBack == nil
    }
    let near = others.sorted { distance($0, log) < distance($1, log) }.prefix(Self.comparedLimit)
    return near.compactMap { other in
      let (front, back) = inOrder(log, other)
      let pair = LegPair(front: front, back: back, basis: .key)
      return fits(pair, isLast: isLast).map { Fit(pair: pair, front: front, back: back, isClear: $0) }
    }
  }

  /// Those that begin to say the same. Of one that was found in the middle all may.
  private func others(than log: LegLog) -> [LegLog] {
    if log.startsLate { return logs.filter { $0 !== log } }
    var seen: Set<UInt64> = [log.session]
    var others: [LegLog] = []
    for other in log.firstWords.flatMap({ logsByWord[$0] ?? [] }) + logs.filter(\.startsLate)
    where seen.insert(other.session).inserted {
      others.append(other)
    }
    return others
  }

  private func distance(_ one: LegLog, _ other: LegLog) -> UInt64 {
    one.start.nanoseconds(since: other.start).magnitude
  }

  /// Of several sessions that say the same, as in a broadcast, the one whose turn it is: a proxy asks its server in the order
  /// in which it was asked.
  private func inTurn(_ fits: [Fit], of log: LegLog) -> Fit {
    let isFront = fits[0].front === log
    let peers = others(than: log).filter {
      $0.server == log.server && $0.isSearched && (isFront ? $0.asFront : $0.asBack) == nil
    }
    let turn = peers.count { $0.begins(before: log) }
    let inOrder = fits.sorted { $0.other(than: log).begins(before: $1.other(than: log)) }
    return inOrder[min(turn, inOrder.count - 1)]
  }

  /// Sessions that one is compared with at a time.
  private static let comparedLimit = 64

  /// A proxy asks its server after it was asked. Where that was not captured, the order of the servers may be known.
  private func inOrder(_ one: LegLog, _ other: LegLog) -> (front: LegLog, back: LegLog) {
    if routes.contains(Route(front: one.server, back: other.server)) { return (one, other) }
    if routes.contains(Route(front: other.server, back: one.server)) { return (other, one) }
    return one.begins(before: other) ? (one, other) : (other, one)
  }

  /// Whether what is known of them beside their messages speaks for two legs: different servers, at the same time, and the
  /// proxy's address on both, or a field that says whom it speaks for, or that others before were.
  private func mayBeLegs(_ one: LegLog, _ other: LegLog) -> Bool {
    guard one.server != other.server else { return false }
    let apart = one.start.nanoseconds(since: other.start)
    guard (-Self.longestDelay...Self.longestDelay).contains(apart) || one.startsLate || other.startsLate,
      overlap(one, other), overlap(other, one)
    else { return false }
    return one.server.address == other.client.address || other.server.address == one.client.address
      || speaks(one, for: other) || speaks(other, for: one)
      || routes.contains(Route(front: one.server, back: other.server))
      || routes.contains(Route(front: other.server, back: one.server))
      || one.isOnTrial && other.isOnTrial
  }

  private func overlap(_ one: LegLog, _ other: LegLog) -> Bool {
    guard let end = one.end else { return true }
    return other.start.nanoseconds(since: end.time) < 0
  }

  private func speaks(_ back: LegLog, for front: LegLog) -> Bool {
    !back.forwardedFor.isEmpty && back.forwardedFor.contains(front.clientName)
  }

  /// Nil when the messages do not fit; otherwise whether that is clear, or only the best there can be.
  private func fits(_ pair: LegPair, isLast: Bool) -> Bool? {
    let matched = pair.client.matched &+ pair.server.matched
    let different = pair.client.differenceCount &+ pair.server.differenceCount
    let telling = pair.client.telling + pair.server.telling
    let backwards = pair.client.backwards &+ pair.server.backwards
    let slowest = max(pair.client.delays.maximum, pair.server.delays.maximum)
    guard matched > 0, backwards &* 10 <= matched, slowest <= Self.longestDelay,
      different &* 3 <= matched
    else { return nil }
    if telling >= 3 { return true }
    let waiting = pair.client.waiting + pair.server.waiting
    return isLast && telling >= 2 && different == 0 && waiting == 0 ? false : nil
  }

  private mutating func join(_ pair: LegPair, _ front: LegLog, _ back: LegLog) {
    (front.asFront, back.asBack) = (pair, pair)
    sawProxy = true
    if routes.count < Self.serverLimit { routes.insert(Route(front: front.server, back: back.server)) }
  }
}

extension LegLog {
  /// The log of a session that other legs are looked for.
  convenience init(
    _ trace: SessionTrace, start: CaptureTime, startsLate: Bool, isOnTrial: Bool, isUnlikely: Bool = false
  ) {
    self.init(
      session: trace.session.number, client: trace.client, server: trace.server,
      hasHandshake: trace.hasHandshake, forwardedFor: trace.forwardedFor, start: start,
      startsLate: startsLate, isOnTrial: isOnTrial, isUnlikely: isUnlikely)
  }
}
