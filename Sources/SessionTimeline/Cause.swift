import TCPReassembly
import WebSocketDecoding
import WireBytes

/// What led to the end of a session, as far as it can be seen from outside.
///
/// A passive observer does not know why a program closes a connection. A cause is what came before the end and is known
/// to lead to it; where another one would look the same, its words say "perhaps".
public enum Cause: Sendable {
  /// The peer of the side that ended the session broke a rule on which it must, or may, be ended.
  case violation(Rule, by: Side, packet: UInt64)
  /// The closing side said 1009, and this is what it had been sent last in more than one piece. `unsent`: how many bytes
  /// more were announced and never came, 0 when it is not known; nil when it came whole.
  case largeMessage(bytes: UInt64, unsent: UInt64?, from: Side, packet: UInt64)
  /// The closing side said 1009, and this packet is the last one with bytes for it before that.
  case largeMessageIn(packet: UInt64, from: Side)
  /// So many other sessions were ended by the server with 1001 or 1012, or without a Close frame, within the second before.
  case serverRestart(others: Int, said: Bool)
  /// The side that ended the session had pings, or an application's heartbeats, open for so long, in nanoseconds.
  case unansweredPings(Int, HeartbeatKind, by: Side, waited: Int64)
  /// Nothing was sent, by anybody or by one side, for so many nanoseconds.
  case silence(Int64, of: Side?)
  /// The side that ended the session had sent bytes again and again, and the other one acknowledged nothing of them.
  case vanished(Side, UnconfirmedBytes)
  /// A RST by a side that had been sent data which it showed no sign of reading.
  case unreadData(by: Side, packet: UInt64)

  /// The name in JSON.
  public var name: String {
    switch self {
    case .violation: "violation"
    case .largeMessage, .largeMessageIn: "large_message"
    case .serverRestart: "server_restart"
    case .unansweredPings: "unanswered_pings"
    case .silence(let silence, _): IdleTimeout.matching(silence).isEmpty ? "silence" : "idle_timeout"
    case .vanished: "peer_vanished"
    case .unreadData: "unread_data"
    }
  }

  /// How it continues the verdict's sentence: `after unmasked_client_frame by the client in packet 10`.
  public var words: String {
    switch self {
    case .violation(let rule, let side, let packet):
      return "after \(rule.name) by the \(side.name) in packet \(packet)"
    case .largeMessage(let bytes, let unsent, let side, let packet):
      let message =
        switch unsent {
        case nil: "a message of \(bytes) bytes"
        case 0?: "the first \(bytes) bytes of a message"
        case let unsent?: "\(bytes) of the \(bytes &+ unsent) bytes of a message"
        }
      return "after \(message) by the \(side.name) in packet \(packet)"
    case .largeMessageIn(let packet, let side):
      return "after what the \(side.name) sent last, in packet \(packet)"
    case .serverRestart(let others, let said):
      let sessions = others == 1 ? "1 other session" : "\(others) other sessions"
      return "as the server ended \(sessions) within a second: perhaps "
        + (said ? "a restart" : "its process ended, or was killed")
    case .unansweredPings(let count, let kind, let side, let waited):
      let one = kind == .ping ? "ping" : "\(kind.name) heartbeat"
      let article = kind == .engineIO ? "an" : "a"
      let pings =
        count == 1 ? "\(article) \(one) of the \(side.name) was" : "\(count) \(one)s of the \(side.name) were"
      return "after \(pings) not answered for \(Self.seconds(waited))"
    case .silence(let silence, let side):
      let by = side.map { " from the \($0.name)" } ?? ""
      let names = IdleTimeout.matching(silence).map(\.name)
      let guess =
        names.isEmpty
        ? ""
        : ": perhaps an idle timeout (\(IdleTimeout.matching(silence)[0].seconds) s is the default of "
          + "\(names.joined(separator: ", ")))"
      return "after \(Self.seconds(silence)) without a byte\(by)\(guess)"
    case .vanished(let side, let left):
      return
        "after the \(side.name) had stopped acknowledging: \(left.bytes) bytes sent again \(left.repetitions) times "
        + "within \(Self.seconds(left.time))"
    case .unreadData(let side, let packet):
      return "perhaps without having read what the \(side.peer.name) sent last, in packet \(packet)"
    }
  }

  /// `60.0 s`, `3.1 ms`
  static func precise(_ nanoseconds: Int64) -> String {
    if nanoseconds >= 1_000_000_000 { return seconds(nanoseconds) }
    let tenths = (max(0, nanoseconds) &+ 50_000) / 100_000
    return "\(tenths / 10).\(tenths % 10) ms"
  }

  /// `60.0 s`
  static func seconds(_ nanoseconds: Int64) -> String {
    let tenths = (max(0, nanoseconds) &+ 50_000_000) / 100_000_000
    return "\(tenths / 10).\(tenths % 10) s"
  }
}

/// Looks for the cause of an end.
struct CauseSearch {
  let ending: SessionRecord.Ending
  let client: SideSummary
  let server: SideSummary
  /// Who ended the session, and when it began to.
  let ender: Side
  let time: CaptureTime
  /// The first Close frame, if it is the ender's.
  let close: SessionRecord.CloseFrame?
  let isReset: Bool
  /// The ender's pings that were open when it sent its FIN.
  let openAtFin: SessionRecord.OpenPings?
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
    violation ?? largeMessage ?? vanished ?? (close == nil ? nil : restart) ?? pings ?? heartbeats
      ?? knownTimeout ?? restart ?? silence ?? unreadData
  }

  private func summary(of side: Side) -> SideSummary { side == .client ? client : server }

  /// Codes that say that the peer did something wrong (RFC 6455 §7.4.1), with the rules that each is about.
  private var violation: Cause? {
    let found = ending.violations(of: ender.peer).filter { $0.packet <= (close?.position.packet ?? .max) }
    let fitting: SessionRecord.Violation?
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
  static func isRestart(_ close: SessionRecord.CloseFrame?) -> Bool {
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
        let open = openAtFin ?? ending.openPings(of: ender)
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
    for beat in ending.heartbeats where beat.side == ender && beat.kind != .ping {
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
    guard let last = summary.lastBytes?.time else { return ending.opened.time }
    if last.nanoseconds(since: time) < 0 { return last }
    // It is the Close itself; then what came before.
    return summary.timeBeforeLast ?? ending.opened.time
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
