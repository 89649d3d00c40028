import HTTP1
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// Looks for the cause of an end.
struct CauseSearch {
  let facts: SessionFacts
  let client: SideSummary
  let server: SideSummary
  /// Who ended the session, and when it began to.
  let ender: Side
  let time: CaptureTime
  /// The first Close frame, if it is the ender's.
  let close: CloseFrame?
  let isReset: Bool
  /// The ender's pings that were open when it sent its FIN.
  let openAtFin: OpenPings?
  /// What the ender had sent again and again without an answer of TCP.
  let inVain: UnconfirmedBytes?
  /// Keep-alive probes of the ender after which nothing came.
  let probes: UnansweredProbes?
  /// Other sessions that the same server ended shortly before.
  let otherEnds: Int
  /// Other sessions of the server that ended at the same age.
  let sameAge: Int

  /// From how long on a silence is worth mentioning, in nanoseconds.
  private static let worthMentioning: Int64 = 2_000_000_000
  private static let shortestPingTimeout: Int64 = 500_000_000
  /// A RST so long after the peer's data was not provoked by it.
  private static let provoked: Int64 = 5_000_000_000

  var cause: Cause? {
    if let cause = refusedAnswer ?? violation ?? largeMessage ?? lostPeer ?? vanished { return cause }
    if close != nil, let restart { return restart }
    // What the Close gives as its reason is more than what only may be one.
    if let reason, !reason.isOfTime, close?.code != 1001 || lifetime == nil {
      return .closeReason(reason.text)
    }
    // Pings and well-known timeouts may end many sessions at once, too; other silences are just those before a crash.
    if let cause = pings ?? heartbeats ?? stoppedHeartbeat ?? lifetime ?? knownTimeout { return cause }
    return restart ?? reason.map { .closeReason($0.text) } ?? silence ?? unreadData
  }

  /// The reason that the Close gives; nil when it only repeats what its code says.
  private var reason: CloseReason? {
    guard let close, let code = close.code, code != 1000 else { return nil }
    return CloseReason(close.reason, code: code)
  }

  private func summary(of side: Side) -> SideSummary { side == .client ? client : server }

  private var violation: Cause? {
    ViolationSearch(
      facts: facts, ender: ender, time: time, close: close, lastOfEnder: lastByte(of: ender)
    ).found.map { .violation($0.rule, by: ender.peer, packet: $0.packet) }
  }

  /// The client fails the connection because of how the server answered, before it sent anything (RFC 6455 §4.1).
  private var refusedAnswer: Cause? {
    guard ender == .client, client.counts.messages == 0, client.counts.pings == 0,
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

  /// A client that ends because of an answer does so within this time, in nanoseconds.
  private static let atOnce: Int64 = 2_000_000_000

  /// What a client need not refuse.
  private static func isMinor(_ violation: Violation) -> Bool {
    [HandshakeRule.bodyFieldsIn101, HandshakeRule.responseHTTPVersion, HandshakeRule.duplicatedField]
      .contains(violation.rule) || violation.rule.name.hasPrefix("http_")
  }

  private var largeMessage: Cause? {
    guard let close, close.code == 1009 else { return nil }
    // One that was read a while before was not too large.
    guard let message = summary(of: ender.peer).lastInPieces,
      time.nanoseconds(since: message.last.time) <= Self.provoked
    else {
      return close.afterPacket.map { .largeMessageIn(packet: $0, from: ender.peer) }
    }
    let isUnfinished = !message.complete && summary(of: ender.peer).isWhole
    return .largeMessage(
      bytes: message.bytes, unsent: isUnfinished ? message.missingBytes : nil, from: ender.peer,
      packet: message.first.packet)
  }

  /// The other end, or the way to it, was gone: nothing answered, or somebody who did not know of the connection.
  var lostPeer: Cause? {
    guard close == nil else { return nil }
    return forgotten
      ?? probes.flatMap { $0.count >= Self.manyProbes ? .unansweredProbes($0, by: ender) : nil }
  }

  /// One may be on its way.
  private static let manyProbes = 2

  /// Nothing was sent for so long that what keeps a table of connections may have forgotten this one, and then something.
  private var forgotten: Cause? {
    guard let pause = facts.pauses.longest(of: nil), pause.length >= Self.shortestMemory else { return nil }
    let answer = summary(of: pause.by.peer).lastBytes?.packet ?? 0
    guard answer < pause.end.packet else { return nil }
    if isReset, pause.by == ender.peer,
      (0...Self.provoked).contains(time.nanoseconds(since: pause.end.time))
    {
      return .forgotten(silence: pause.length, by: pause.by, packet: pause.end.packet, inVain: nil)
    }
    guard pause.by == ender, let inVain, inVain.offset <= pause.end.offset else { return nil }
    return .forgotten(silence: pause.length, by: pause.by, packet: pause.end.packet, inVain: inVain)
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
  private var mayBeTimeout: Bool {
    guard let close else { return true }
    // A browser says 1001 when its user leaves the page, however long nothing was said.
    if close.code == 1001, ender == .server { return true }
    if let code = close.code, [1006, 1008, 1011, 3008].contains(code) || code >= 4000 { return true }
    let reason = close.reason.lowercased()
    return reason.contains("timeout") || reason.contains("timed out") || reason.contains("idle")
  }

  private var pings: Cause? {
    let (count, oldest) =
      close.map { ($0.openPings, $0.oldestPing) }
      ?? {
        let open = openAtFin ?? facts.openPings(of: ender)
        return (open.count, open.first)
      }()
    guard let oldest, count > 0 else { return nil }
    let waited = time.nanoseconds(since: oldest.time)
    // What is missing in the capture may be the answer.
    guard waited >= Self.shortestPingTimeout, mayBeTimeout, summary(of: ender.peer).isWhole else {
      return nil
    }
    return .unansweredPings(count, .ping, by: ender, waited: waited)
  }

  /// The same for heartbeats of an application. Their libraries close with 1000 or without a code, too.
  private var heartbeats: Cause? {
    guard close?.code == nil || close?.code == 1000 || mayBeTimeout, summary(of: ender.peer).isWhole else {
      return nil
    }
    for beat in facts.heartbeats where beat.side == ender && beat.kind != .ping {
      // Of a text that looks like a question that shows only when it was answered before.
      guard beat.kind != .text || (beat.answered ?? 0) > 0, let open = beat.open(at: time) else { continue }
      // Where none was recognised before, what came meanwhile may be one.
      if beat.answered == 0, let theirs = lastByte(of: ender.peer), theirs > open.first, theirs < time {
        continue
      }
      let waited = time.nanoseconds(since: open.first)
      if waited >= Self.worthMentioning {
        return .unansweredPings(open.count, beat.kind, by: ender, waited: waited)
      }
    }
    return nil
  }

  /// A heartbeat of the other side that had come regularly came no more, nor anything else from there.
  private var stoppedHeartbeat: Cause? {
    guard let last = lastByte(of: ender.peer), summary(of: ender.peer).isWhole else { return nil }
    for beat in facts.heartbeats where beat.side == ender.peer && beat.isRegular {
      guard let lastBeat = beat.last, lastBeat.time <= time else { continue }
      // Some send no heartbeat where they have something else to send.
      let since = min(time.nanoseconds(since: lastBeat.time), time.nanoseconds(since: last))
      if since >= max(beat.stopsAfter, Self.worthMentioning), since > beat.intervals.maximum {
        return .heartbeatStopped(
          beat.kind, by: beat.side, interval: beat.intervals.average, since: since)
      }
    }
    return nil
  }

  /// The age at which the session ended, where others of the server ended at the same one.
  private var lifetime: Cause? {
    sameAge > 0 ? .maximumLifetime(time.nanoseconds(since: facts.opened.time), others: sameAge) : nil
  }

  /// The last byte of a side before the end began.
  private func lastByte(of side: Side) -> CaptureTime? {
    let summary = summary(of: side)
    guard let last = summary.lastBytes?.time else { return facts.opened.time }
    if last.nanoseconds(since: time) < 0 { return last }
    // It is the Close itself; then what came before.
    return summary.timeBeforeLast ?? facts.opened.time
  }

  /// How long neither side had sent a byte.
  var silenceOfBoth: Int64? {
    guard let ofClient = lastByte(of: .client), let ofServer = lastByte(of: .server) else { return nil }
    return min(time.nanoseconds(since: ofClient), time.nanoseconds(since: ofServer))
  }

  private var knownTimeout: Cause? {
    guard case .silence(let length, _)? = silence, !IdleTimeout.matching(length).isEmpty else { return nil }
    return silence
  }

  private var silence: Cause? {
    guard let ofClient = lastByte(of: .client), let ofServer = lastByte(of: .server) else { return nil }
    let silences = [
      (Side.client, time.nanoseconds(since: ofClient)), (.server, time.nanoseconds(since: ofServer)),
    ]
    let ofBoth = min(silences[0].1, silences[1].1)
    if ofBoth >= Self.worthMentioning {
      return mayBeTimeout && !wasSurvived(ofBoth, of: nil) ? .silence(ofBoth, of: nil) : nil
    }
    // A proxy's timeout may count one direction.
    for (side, silence) in silences where !IdleTimeout.matching(silence).isEmpty {
      return mayBeTimeout && !wasSurvived(silence, of: side) ? .silence(silence, of: side) : nil
    }
    return nil
  }

  /// The session went on after a longer silence: then this one did not end it. A known timeout may have been looked at a
  /// little later.
  private func wasSurvived(_ silence: Int64, of side: Side?) -> Bool {
    let lateness = IdleTimeout.matching(silence).isEmpty ? Self.sameLength : IdleTimeout.lateness
    return facts.pauses.survived(of: side, before: time) &- lateness > silence
  }

  /// Silences that differ by less are as long as each other, in nanoseconds.
  private static let sameLength: Int64 = 100_000_000

  /// A socket that is closed with unread data is reset (RFC 9293 §3.6.1, RFC 2525 §2.17).
  private var unreadData: Cause? {
    guard isReset, close == nil, let theirs = summary(of: ender.peer).lastBytes else { return nil }
    if let own = summary(of: ender).lastBytes, theirs.time.nanoseconds(since: own.time) <= 0 { return nil }
    guard time.nanoseconds(since: theirs.time) <= Self.provoked else { return nil }
    return .unreadData(by: ender, packet: theirs.packet)
  }
}
