import HTTPUpgrade
import PacketLayers
import StreamReassembly
import WebSocketDecoding
import WireBytes

/// The first messages of a session, by which its other leg around a proxy is found.
final class LegLog {
  let session: UInt64
  let client: Endpoint
  let server: Endpoint
  /// When it was asked for.
  let start: CaptureTime
  /// The addresses that the request was forwarded for, in a proxy's words.
  let forwardedFor: String?
  /// Its first messages may not be among those seen.
  private(set) var startsLate: Bool
  /// How it ended.
  fileprivate(set) var end: End?
  /// Its other leg is looked for.
  fileprivate var isSearched: Bool
  fileprivate(set) var asFront: LegPair?
  fileprivate(set) var asBack: LegPair?

  private var fromClient: [LegMessage] = []
  private var fromServer: [LegMessage] = []
  private var counts: (client: UInt64, server: UInt64) = (0, 0)

  struct End {
    var time: CaptureTime
    /// The session's end is in the capture.
    var isCaptured: Bool
    var lostBytes: UInt64
  }

  /// Messages of a session that are remembered.
  static let limit = 64

  init(_ record: SessionRecord, start: CaptureTime, startsLate: Bool) {
    session = record.reference.number
    (client, server) = (record.client, record.server)
    self.start = start
    self.startsLate = startsLate
    isSearched = !startsLate || record.handshake == nil
    forwardedFor = Self.forwardedFor(record.handshake)
  }

  static func forwardedFor(_ handshake: Handshake?) -> String? {
    handshake?.request.flatMap { $0["X-Forwarded-For"] ?? $0["X-Real-IP"] ?? $0["Forwarded"] }
  }

  var count: Int { fromClient.count + fromServer.count }
  var isFull: Bool { count >= Self.limit }

  func messages(of side: Side) -> [LegMessage] { side == .client ? fromClient : fromServer }

  fileprivate func nextNumber(of side: Side) -> UInt64 {
    if side == .client { counts.client &+= 1 } else { counts.server &+= 1 }
    return side == .client ? counts.client : counts.server
  }

  fileprivate func add(_ message: LegMessage, from side: Side) {
    guard !isFull else { return }
    if side == .client { fromClient.append(message) } else { fromServer.append(message) }
  }

  fileprivate func forgetMessages() {
    startsLate = startsLate || count > 0
    (fromClient, fromServer) = ([], [])
  }

  fileprivate var pairs: [LegPair] { [asFront, asBack].compactMap { $0 } }

  /// What it says is compared, or may be.
  fileprivate var isWanted: Bool { end == nil && (isSearched || asFront != nil || asBack != nil) }
}

/// Finds the legs of one session around a proxy: by their Sec-WebSocket-Key, or where the proxy makes a new one by what
/// is said on them.
///
/// It looks only where a proxy may be: at the first sessions of a capture, and from the first sign of one on. Sessions
/// that cannot be legs cost a look at their addresses, and their messages nothing.
struct LegSearch {
  private var logs: [LegLog] = []
  private var sawProxy = false
  private var servers: Set<Endpoint> = []
  private var serverAddresses: Set<IPAddress> = []
  /// Pairs of servers that were found to be before and behind a proxy.
  private var routes: Set<Route> = []
  /// Sessions whose messages are wanted.
  private var wanted = 0

  private struct Route: Hashable {
    var front: Endpoint
    var back: Endpoint
  }

  /// Some session's messages are wanted.
  var isActive: Bool { wanted > 0 }

  /// Sessions at the start of a capture that are looked at whatever their addresses.
  private static let firstSessions = 16
  private static let logLimit = 1024
  private static let serverLimit = 4096
  /// A proxy asks its server within 10 s, in nanoseconds; nor does it keep a message longer.
  static let longestDelay: Int64 = 10_000_000_000

  // MARK: Sessions

  /// A session begins. `other` is the one with the same key, if there is one.
  mutating func opened(_ record: SessionRecord, start: CaptureTime, other: SessionRecord?, isFront: Bool) {
    if servers.count < Self.serverLimit {
      servers.insert(record.server)
      serverAddresses.insert(record.server.address)
    }
    // A server of some sessions is the client of this one, or it speaks for somebody and there are other servers.
    if servers.count > 1,
      serverAddresses.contains(record.client.address) || LegLog.forwardedFor(record.handshake) != nil
    {
      sawProxy = true
    }
    guard other != nil || sawProxy || record.reference.number <= Self.firstSessions else { return }
    let log = LegLog(record, start: start, startsLate: record.handshake == nil)
    record.legLog = log
    wanted += 1
    keep(log)
    guard let other else { return }
    let isKnown = other.legLog?.isWanted ?? false
    let otherLog = other.legLog ?? LegLog(other, start: start, startsLate: true)
    other.legLog = otherLog
    if !isKnown { wanted += 1 }
    let (front, back) = isFront ? (log, otherLog) : (otherLog, log)
    if front.asFront == nil && back.asBack == nil {
      join(LegPair(front: front, back: back, basis: .key), front, back)
    }
  }

  private mutating func keep(_ log: LegLog) {
    if logs.count >= 64, let first = logs.first, isOld(first, at: log.start) {
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
    // At 4, 8, 16 … messages: more of them can make certain what is in doubt.
    if log.count >= 4, log.count & (log.count - 1) == 0 { search(for: log, isLast: log.isFull) }
    if log.isFull { stopSearching(log) }
  }

  private mutating func stopSearching(_ log: LegLog) {
    guard log.isSearched else { return }
    let wasWanted = log.isWanted
    log.isSearched = false
    log.forgetMessages()
    if wasWanted && !log.isWanted { wanted -= 1 }
    logs.removeAll { $0 === log }
  }

  // MARK: Comparing

  /// Looks for the other leg of a session among those that were asked for at about the same time.
  private mutating func search(for log: LegLog, isLast: Bool) {
    var best: (pair: LegPair, front: LegLog, back: LegLog, isClear: Bool)?
    var fitting = 0
    var compared = 0
    for other in logs.reversed() where other !== log && other.isSearched && mayBeLegs(log, other) {
      compared += 1
      if compared > Self.comparedLimit { break }
      let (front, back) = inOrder(log, other)
      guard front.asFront == nil, back.asBack == nil else { continue }
      let pair = LegPair(front: front, back: back, basis: .key)
      guard let isClear = fits(pair, isLast: isLast) else { continue }
      fitting += 1
      let apart = back.start.nanoseconds(since: front.start).magnitude
      if apart < best.map({ $0.back.start.nanoseconds(since: $0.front.start).magnitude }) ?? .max {
        best = (pair, front, back, isClear)
      }
    }
    // While others fit as well, what is said next may tell.
    guard let best, fitting == 1 && best.isClear || isLast else { return }
    let equal = best.pair.client.matched &+ best.pair.server.matched
    best.pair.basis = .content(
      equal: Int(clamping: equal), of: min(best.front.count, best.back.count), alternatives: fitting - 1)
    join(best.pair, best.front, best.back)
  }

  /// Sessions that one is compared with at a time.
  private static let comparedLimit = 16

  /// A proxy asks its server after it was asked. Where that was not captured, the order of the servers may be known.
  private func inOrder(_ one: LegLog, _ other: LegLog) -> (front: LegLog, back: LegLog) {
    if routes.contains(Route(front: one.server, back: other.server)) { return (one, other) }
    if routes.contains(Route(front: other.server, back: one.server)) { return (other, one) }
    let apart = one.start.nanoseconds(since: other.start)
    return apart < 0 || apart == 0 && one.session < other.session ? (one, other) : (other, one)
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
      || max(one.session, other.session) <= Self.firstSessions
  }

  private func overlap(_ one: LegLog, _ other: LegLog) -> Bool {
    guard let end = one.end else { return true }
    return other.start.nanoseconds(since: end.time) < 0
  }

  private func speaks(_ back: LegLog, for front: LegLog) -> Bool {
    guard let words = back.forwardedFor else { return false }
    return words.split { ", ;=\"[]".contains($0) }.contains { $0 == front.client.address.description }
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
