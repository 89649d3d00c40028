import SessionAnalysis
import TCPReassembly
import WireBytes

extension Cause {
  /// How it continues the sentence about the end: `after unmasked_client_frame by the client in packet 10`.
  ///
  /// Where another cause would look the same, it says "perhaps".
  package var phrase: String {
    switch self {
    case .violation(let rule, let side, let packet):
      "after \(rule.name) by the \(side.name) in packet \(packet)"
    case .invalidHandshake(let rule, let packet):
      "at once: a client must refuse the server's answer (\(rule.name) in packet \(packet))"
    case .noSubprotocol(let offered, let isFromPage):
      "at once: it had offered \"\(offered)\" and the server selected no subprotocol ("
        + (isFromPage ? "browsers must fail the connection then)" : "some clients fail the connection then)")
    case .foreignOrigin: "perhaps because of the client's Origin, which is not that of the host"
    case .upstreamFailed(let failure): failure.phrase
    case .upgradeDropped(let dropped): dropped.phrase
    case .tunnelRefused(let tunnel):
      "after the proxy had refused CONNECT to \(tunnel.target) with \(tunnel.status)"
    case .refusalBody(let words): "the answer says: \"\(words)\""
    case .closeReason(let reason): "reason in the Close: \"\(reason)\""
    case .closeReasonShown(let reason, let shown): "reason in the Close: \"\(reason)\", \(shown.phrase)"
    case .heartbeatStopped(let kind, let side, let interval, let since, let isOfBytes):
      "\(DurationText.seconds(since)) after the last "
        + (isOfBytes ? "bytes from the \(side.name), whose " : "of the \(side.name)'s ")
        + "\(kind.noun)s\(isOfBytes ? "" : ", which") had come every \(DurationText.seconds(interval))"
    case .maximumLifetime(let age, let others, let byHost): Self.lifetime(age, others, byHost)
    case .unansweredProbes(let probes, let side):
      "after \(Counted.text(probes.count, "keep-alive probe")) from the \(side.name) "
        + "without an answer within \(DurationText.seconds(probes.time)): the \(side.peer.name) was gone"
    case .forgotten(let silence, let side, let packet, let isProbe, let inVain):
      Self.forgotten(silence, side, packet, isProbe, inVain)
    case .largeMessage(let bytes, let unsent, let side, let packet):
      "after \(Self.message(bytes, unsent: unsent)) from the \(side.name) in packet \(packet)"
    case .largeMessageIn(let packet, let side):
      "after the last bytes from the \(side.name) in packet \(packet)"
    case .serverRestart(let others, let said):
      "when the server ended \(Counted.text(others, "other session")) within a second: "
        + "perhaps " + (said ? "a restart" : "its process ended, or was killed")
    case .unansweredPings(let count, let kind, let side, let waited):
      "after \(Self.pings(count, kind)) from the \(side.name) went unanswered for \(DurationText.seconds(waited))"
    case .silence(let silence, let side, let timeouts): Self.silence(silence, side, timeouts)
    case .vanished(let side, let left):
      "after the \(side.name) had stopped acknowledging: \(Counted.text(left.bytes, "byte")) retransmitted "
        + "\(left.repetitions) times within \(DurationText.seconds(left.time))"
    case .stoppedReading(let side, let time, let packet):
      "after the \(side.name) had stopped reading: its receive window was zero for \(DurationText.seconds(time)), "
        + "from packet \(packet) on"
    case .unreadData(let side, let packet):
      "perhaps without having read the last bytes from the \(side.peer.name), in packet \(packet)"
    }
  }

  /// Whether the phrase says where, and not only what.
  var namesPacket: Bool {
    switch self {
    case .violation, .invalidHandshake, .largeMessage, .largeMessageIn, .forgotten, .unreadData: true
    case .closeReasonShown(_, let shown): shown.namesPacket
    default: false
    }
  }

  /// `unsent` as in `largeMessage`.
  private static func message(_ bytes: UInt64, unsent: UInt64?) -> String {
    switch unsent {
    case nil: "a message of \(Counted.text(bytes, "byte"))"
    case 0?: "the first \(Counted.text(bytes, "byte")) of a message"
    case let unsent?: "\(bytes) of the \(Counted.text(bytes &+ unsent, "byte")) of a message"
    }
  }

  private static func pings(_ count: Int, _ kind: HeartbeatKind) -> String {
    count == 1 ? "\(kind.article) \(kind.noun)" : "\(count) \(kind.noun)s"
  }

  private static func silence(_ silence: Int64, _ side: Side?, _ timeouts: [IdleTimeout]) -> String {
    let by = side.map { " from the \($0.name)" } ?? ""
    let sentence = "after \(DurationText.seconds(silence)) without a byte\(by)"
    guard let first = timeouts.first else { return sentence }
    let names = timeouts.map(\.name).joined(separator: ", ")
    return sentence + ": perhaps an idle timeout (\(first.seconds) s is the default of \(names))"
  }

  private static func lifetime(_ age: Int64, _ others: Int, _ byHost: Bool) -> String {
    let sentence =
      "\(DurationText.seconds(age)) after it was opened, an age at which \(Counted.text(others, "other session"))"
      + " \(byHost ? "with the same Host" : "of this server") ended: perhaps a maximum lifetime"
    let names = Lifetime.matching(age).map(\.name)
    guard let first = Lifetime.matching(age).first else { return sentence + " (inferred)" }
    return sentence + " (inferred; \(first.seconds) s is that of \(names.joined(separator: ", ")))"
  }

  private static func forgotten(
    _ silence: Int64, _ side: Side, _ packet: UInt64, _ isProbe: Bool, _ inVain: UnconfirmedBytes?
  ) -> String {
    let silence = (known: IdleTimeout.forgetting(within: silence), text: DurationText.seconds(silence))
    let start =
      if let inVain {
        "after \(silence.text) of silence, and then bytes from the \(side.name) in packet \(packet) which nobody acknowledged, "
          + "though they were retransmitted \(inVain.repetitions) times within \(DurationText.seconds(inVain.time))"
      } else if isProbe {
        "in answer to the keep-alive probe in packet \(packet), the first packet after \(silence.text) of silence"
      } else {
        "in answer to packet \(packet), the first bytes after \(silence.text) of silence"
      }
    let names = silence.known.map { "\($0.name) after \($0.seconds) s" } + ["NAT tables"]
    return start + ": perhaps something in between had forgotten the connection "
      + "(known for it: \(names.joined(separator: ", "))), or the \(side.peer.name) had been restarted"
  }
}
