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
  /// Other sessions that the same server ended shortly before.
  let otherEnds: Int

  /// From how long on a silence is worth mentioning, in nanoseconds.
  private static let worthMentioning: Int64 = 2_000_000_000
  private static let shortestPingTimeout: Int64 = 500_000_000
  /// A RST so long after the peer's data was not provoked by it.
  private static let provoked: Int64 = 5_000_000_000

  var cause: Cause? {
    // Pings and well-known timeouts may end many sessions at once, too; other silences are just those before a crash.
    if let cause = violation ?? largeMessage ?? vanished { return cause }
    if close != nil, let restart { return restart }
    if let cause = pings ?? heartbeats ?? knownTimeout { return cause }
    return restart ?? silence ?? unreadData
  }

  private func summary(of side: Side) -> SideSummary { side == .client ? client : server }

  /// Codes that say that the peer did something wrong (RFC 6455 §7.4.1), with the rules that each is about.
  private var violation: Cause? {
    let found = facts.violations(of: ender.peer).filter { $0.packet <= (close?.position.packet ?? .max) }
    let fitting: Violation?
    switch close?.code {
    case 1007: fitting = found.first { Self.ofPayload.contains($0.rule.name) }
    case 1009: fitting = found.first { $0.rule == FramingRule.lengthTopBit.rule }
    case 1002: fitting = found.first { !Self.ofPayload.contains($0.rule.name) } ?? found.first
    case 1003, 1008, 1010: fitting = found.first
    // Without a code: a RST or FIN right after.
    case nil: fitting = close == nil ? found.last : nil
    default: fitting = nil
    }
    return fitting.map { .violation($0.rule, by: ender.peer, packet: $0.packet) }
  }

  private static let ofPayload: Set<String> = [
    FramingRule.invalidUTF8.rule.name, FramingRule.invalidUTF8CloseReason.rule.name,
    FramingRule.inflationFailed.rule.name, FramingRule.windowExceeded.rule.name,
    FramingRule.deflateTail.rule.name,
  ]

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
    guard waited >= Self.shortestPingTimeout, mayBeTimeout else { return nil }
    return .unansweredPings(count, .ping, by: ender, waited: waited)
  }

  /// The same for heartbeats of an application. Their libraries close with 1000 or without a code, too.
  private var heartbeats: Cause? {
    guard close?.code == nil || close?.code == 1000 || mayBeTimeout else { return nil }
    for beat in facts.heartbeats where beat.side == ender && beat.kind != .ping {
      // Of a text that looks like a question that shows only when it was answered before.
      guard beat.kind != .text || (beat.answered ?? 0) > 0, let open = beat.open(at: time) else { continue }
      let waited = time.nanoseconds(since: open.first)
      if waited >= Self.worthMentioning {
        return .unansweredPings(open.count, beat.kind, by: ender, waited: waited)
      }
    }
    return nil
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
    if ofBoth >= Self.worthMentioning { return mayBeTimeout ? .silence(ofBoth, of: nil) : nil }
    // A proxy's timeout may count one direction.
    for (side, silence) in silences where !IdleTimeout.matching(silence).isEmpty {
      return mayBeTimeout ? .silence(silence, of: side) : nil
    }
    return nil
  }

  /// A socket that is closed with unread data is reset (RFC 9293 §3.6.1, RFC 2525 §2.17).
  private var unreadData: Cause? {
    guard isReset, close == nil, let theirs = summary(of: ender.peer).lastBytes else { return nil }
    if let own = summary(of: ender).lastBytes, theirs.time.nanoseconds(since: own.time) <= 0 { return nil }
    guard time.nanoseconds(since: theirs.time) <= Self.provoked else { return nil }
    return .unreadData(by: ender, packet: theirs.packet)
  }
}
