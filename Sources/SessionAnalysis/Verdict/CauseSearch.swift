import HTTP1
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// Looks for the cause of an end.
struct CauseSearch {
  let known: SessionEvidence
  /// Who ended the session, and when it began to.
  let ender: Side
  let time: CaptureTime
  /// The first Close frame, if it is the ender's.
  let close: CloseFrame?
  let isReset: Bool
  /// What the ender had sent again and again without an answer of TCP.
  let inVain: UnconfirmedBytes?
  /// Other sessions that the same server ended shortly before.
  let otherEnds: Int
  /// Other sessions that ended at the same age.
  let sameAge: RecentLifetimes.SameAge?

  /// From how long on a silence is worth mentioning, in nanoseconds.
  static let worthMentioning: Int64 = 2_000_000_000
  /// A RST so long after the peer's data was not provoked by it.
  private static let provoked: Int64 = 5_000_000_000

  var cause: Cause? {
    if let cause = refusedAnswer ?? violation ?? largeMessage ?? stoppedReading ?? lostPeer ?? vanished {
      return cause
    }
    // What the Close gives as its reason is more than what only may be one.
    if let reason { return stated(reason) }
    if isRefusedOrigin { return .foreignOrigin }
    if close != nil, let restart { return restart }
    // Pings and well-known timeouts may end many sessions at once, too; other silences are just those before a crash.
    return causeOfTime ?? restart ?? silence ?? unreadData
  }

  private var causeOfTime: Cause? {
    wrongPongs ?? pings ?? heartbeats ?? stoppedHeartbeat ?? lifetime ?? knownTimeout
  }

  /// The reason that the Close gives; nil when it only repeats what its code says. A client that says goodbye has none, but for
  /// "heartbeat timeout", which Phoenix says so.
  var reason: CloseReason? {
    guard let close, let code = close.code,
      let reason = CloseReason(close.reason, shown: close.shownReason, code: code)
    else { return nil }
    return code != 1000 || ender == .server || reason.isOfTime ? reason : nil
  }

  /// A reason, with what the packets show of it. "token expired" needs no silence, and "ping timeout" may have pings.
  private func stated(_ reason: CloseReason) -> Cause {
    let shown: Cause? =
      if let restart {
        restart
      } else if reason.isOfTime {
        causeOfTime ?? silence
      } else {
        close?.code == 1001 ? lifetime : nil
      }
    return shown.map { .closeReasonShown(reason.text, by: $0) } ?? .closeReason(reason.text)
  }

  var facts: SessionFacts { known.facts }
  /// What TCP left open of what both sides had sent; nil when not observed, and when there was nothing.
  private var transport: SessionTransport? { known.finish.transport }

  private var violation: Cause? {
    ViolationSearch(
      facts: facts, ender: ender, time: time, close: close, lastOfEnder: lastByte(of: ender),
      lastOfPeer: lastByte(of: ender.peer)
    ).found.map { .violation($0.rule, by: ender.peer, packet: $0.packet) }
  }

  /// The client fails the connection because of how the server answered, before it sent anything (RFC 6455 §4.1).
  private var refusedAnswer: Cause? {
    guard ender == .client, known.finish.client.counts.messages == 0, known.finish.client.counts.pings == 0,
      time.nanoseconds(since: facts.opened.time) <= Self.atOnce, close?.code ?? 1002 == 1002
    else { return nil }
    if facts.outcome == .invalid,
      let broken = facts.violations(of: .server).last(where: {
        $0.packet <= facts.opened.packet && !Self.isMinor($0)
      })
    {
      return .invalidHandshake(broken.rule, packet: broken.packet)
    }
    // Frames of the server may be why.
    guard !facts.violations(of: .server).contains(where: { $0.packet > facts.opened.packet }) else {
      return nil
    }
    return facts.unselectedSubprotocols.map { .noSubprotocol(offered: $0.names, isFromPage: $0.isFromPage) }
  }

  /// A side that ends because of the handshake does so within this time, in nanoseconds.
  private static let atOnce: Int64 = 2_000_000_000

  /// What a client need not refuse.
  private static func isMinor(_ violation: Violation) -> Bool {
    [HandshakeRule.bodyFieldsIn101, HandshakeRule.responseHTTPVersion, HandshakeRule.duplicatedField]
      .contains(violation.rule) || violation.rule.name.hasPrefix("http_")
  }

  /// The server grants the upgrade and ends the session with 1008 (policy violation) before the client has said anything: so do
  /// servers that look at the Origin late. A reason would have said so.
  private var isRefusedOrigin: Bool {
    facts.isCrossOrigin && ender == .server && close?.code == 1008 && known.finish.client.counts.messages == 0
      && known.finish.client.isWhole && known.finish.server.counts.messages == 0
      && time.nanoseconds(since: facts.opened.time) <= Self.atOnce
  }

  private var largeMessage: Cause? {
    guard let close, close.code == 1009 else { return nil }
    let peer = known.finish[ender.peer]
    // What is refused is mostly the last thing that came.
    let isLargestLast = peer.packetOfLargest > 0 && peer.packetOfLargest == close.afterPacket
    // One that was read a while before was not too large.
    guard let message = peer.lastInPieces, time.nanoseconds(since: message.last.time) <= Self.provoked,
      !isLargestLast || message.first.packet >= peer.packetOfLargest
    else {
      if peer.isWhole, peer.largestMessage < Self.smallMessage, hasGoneOn { return nil }
      return isLargestLast
        ? .largeMessage(
          bytes: peer.largestMessage, unsent: nil, from: ender.peer, packet: peer.packetOfLargest)
        : close.afterPacket.map { .largeMessageIn(packet: $0, from: ender.peer) }
    }
    let isUnfinished = !message.complete && peer.isWhole
    return .largeMessage(
      bytes: message.bytes, unsent: isUnfinished ? message.missingBytes : nil, from: ender.peer,
      packet: message.first.packet)
  }

  /// What is below every limit that programs have by default, in bytes; some are set to less.
  private static let smallMessage: UInt64 = 1024

  /// The ender sent more after all that its peer had sent, before it began to end the session.
  private var hasGoneOn: Bool {
    guard let own = lastByte(of: ender), let theirs = lastByte(of: ender.peer) else { return false }
    return own.nanoseconds(since: theirs) > 0
  }

  /// One of both had no room for what the other one sent, to the end. Which of them minded cannot be seen.
  var stoppedReading: Cause? {
    guard close == nil else { return nil }
    for side in [ender.peer, ender] {
      if let reader = SlowReader(known.finish, side) {
        return .stoppedReading(side, for: reader.time, packet: reader.packet)
      }
    }
    return nil
  }

  /// The other end, or the way to it, was gone: nothing answered, or somebody who did not know of the connection.
  var lostPeer: Cause? {
    guard close == nil else { return nil }
    if let forgotten { return forgotten }
    guard let probes = transport?.unansweredProbes(of: ender), probes.count >= Self.manyProbes else {
      return nil
    }
    return .unansweredProbes(probes, by: ender)
  }

  /// One may be on its way.
  private static let manyProbes = 2

  /// Nothing was sent for so long that what keeps a table of connections may have forgotten this one, and then something.
  private var forgotten: Cause? { probedForgotten ?? bytesForgotten }

  /// A keep-alive probe is the first packet after a silence as well as any.
  private var probedForgotten: Cause? {
    guard isReset, let probe = transport?.unansweredProbes(of: ender.peer), probe.count == 1,
      probe.quiet >= Self.shortestMemory, let last = transport?.lastProbe(of: ender.peer),
      wasProvoked(at: last)
    else { return nil }
    return .forgotten(silence: probe.quiet, by: ender.peer, packet: probe.packet, isProbe: true)
  }

  private var bytesForgotten: Cause? {
    guard let pause = facts.pauses.longest(of: nil) else { return nil }
    let quiet = quiet(in: pause)
    guard quiet >= Self.shortestMemory else { return nil }
    let answer = known.finish[pause.by.peer].lastBytes?.packet ?? 0
    guard answer < pause.end.packet else { return nil }
    // Who acknowledges knows the connection.
    if isReset, pause.by == ender.peer, wasProvoked(at: pause.end.time),
      let left = transport?.unconfirmed(of: pause.by), left.offset <= pause.end.offset
    {
      return .forgotten(silence: quiet, by: pause.by, packet: pause.end.packet)
    }
    guard pause.by == ender, let inVain, inVain.offset <= pause.end.offset else { return nil }
    return .forgotten(silence: quiet, by: pause.by, packet: pause.end.packet, inVain: inVain)
  }

  /// How long no packet was sent before the bytes that ended a pause: keep-alive probes keep a connection in every table.
  private func quiet(in pause: Pauses.Pause) -> Int64 {
    let probes = Side.allCases.compactMap { transport?.lastProbe(of: $0) }
      .map { pause.end.time.nanoseconds(since: $0) }.filter { $0 >= 0 }
    return min(pause.length, probes.min() ?? pause.length)
  }

  private func wasProvoked(at moment: CaptureTime) -> Bool {
    (0...Self.provoked).contains(time.nanoseconds(since: moment))
  }

  /// Tables of connections remember one for longer, in nanoseconds.
  private static let shortestMemory: Int64 = 30_000_000_000

  private var vanished: Cause? {
    // Behind a Close it may be that alone which nobody acknowledged.
    guard close == nil, let inVain else { return nil }
    return .vanished(ender.peer, inVain)
  }

  private var restart: Cause? {
    guard ender == .server, otherEnds >= Self.manyEnds, close == nil || Self.isRestart(close) else {
      return nil
    }
    return .serverRestart(others: otherEnds, said: close != nil)
  }

  /// Other sessions that make an end one of many.
  private static let manyEnds = 2

  /// Going away and service restart.
  static func isRestart(_ close: CloseFrame?) -> Bool {
    close?.code == 1001 || close?.code == 1012
  }

  /// A Close because of it is mostly 1011 or 1006-like; 1000 ends a session that is done. Asked last: it searches
  /// the reason.
  var mayBeTimeout: Bool {
    guard let close else { return true }
    // A browser says 1001 when its user leaves the page, however long nothing was said.
    if close.code == 1001, ender == .server { return true }
    if let code = close.code, [1006, 1008, 1011, 3008].contains(code) || code >= 4000 { return true }
    return reason?.isOfTime ?? false
  }

  /// The age at which the session ended, where others ended at the same one.
  private var lifetime: Cause? {
    sameAge.map {
      .maximumLifetime(
        time.nanoseconds(since: facts.opened.time), others: $0.others, byHost: $0.isByHost)
    }
  }

  /// The last byte of a side before the end began.
  func lastByte(of side: Side) -> CaptureTime? {
    guard let last = known.finish[side].lastBytes?.time else { return facts.opened.time }
    if last.nanoseconds(since: time) < 0 { return last }
    // It is the Close itself; then what came before.
    return known.finish[side].timeBeforeLast ?? facts.opened.time
  }

  /// How long neither side had sent a byte.
  var silenceOfBoth: Int64? {
    guard let ofClient = lastByte(of: .client), let ofServer = lastByte(of: .server) else { return nil }
    return min(time.nanoseconds(since: ofClient), time.nanoseconds(since: ofServer))
  }

  private var knownTimeout: Cause? {
    guard case .silence(_, _, let timeouts)? = silence, !timeouts.isEmpty else { return nil }
    return silence
  }

  private var silence: Cause? {
    guard mayBeTimeout, let ofClient = lastByte(of: .client), let ofServer = lastByte(of: .server) else {
      return nil
    }
    let silences = [
      (Side.client, time.nanoseconds(since: ofClient)), (.server, time.nanoseconds(since: ofServer)),
    ]
    let ofBoth = min(silences[0].1, silences[1].1)
    if ofBoth >= Self.worthMentioning { return silence(ofBoth, of: nil) }
    // A proxy's timeout may count one direction.
    for (side, length) in silences where !IdleTimeout.matching(length).isEmpty {
      guard case .silence(_, _, let timeouts)? = silence(length, of: side), !timeouts.isEmpty else {
        return nil
      }
      return .silence(length, of: side, timeouts: timeouts)
    }
    return nil
  }

  /// Nil where the session had gone on after a silence of the same length, or a longer one: then this one did not end it.
  private func silence(_ length: Int64, of side: Side?) -> Cause? {
    let survived = facts.pauses.survived(of: side, before: time)
    let timeouts = IdleTimeout.matching(
      length, by: close == nil ? .endsTCP : .sendsClose, survived: survived)
    let isSame = length <= survived &+ max(Self.sameLength, length / 100)
    // Between the two, so that it may have ended this one: whoever sends every 59.9 s needs only be late once.
    let between = isSame ? timeouts.filter { $0.isReached(in: length) } : timeouts
    return isSame && between.isEmpty ? nil : .silence(length, of: side, timeouts: between)
  }

  /// Silences that differ by less, or by a hundredth, are as long as each other, in nanoseconds.
  private static let sameLength: Int64 = 100_000_000

  /// A socket that is closed with unread data is reset (RFC 9293 §3.6.1, RFC 2525 §2.17).
  private var unreadData: Cause? {
    guard isReset, close == nil, !known.finish.isResetOnTheWay,
      let theirs = known.finish[ender.peer].lastBytes
    else { return nil }
    if let own = known.finish[ender].lastBytes, theirs.time.nanoseconds(since: own.time) <= 0 { return nil }
    guard time.nanoseconds(since: theirs.time) <= Self.provoked else { return nil }
    return .unreadData(by: ender, packet: theirs.packet)
  }
}
