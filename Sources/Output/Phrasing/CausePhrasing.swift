import SessionAnalysis
import WireBytes

extension Cause {
  /// How it continues the sentence about the end: `after unmasked_client_frame by the client in packet 10`.
  ///
  /// Where another cause would look the same, it says "perhaps".
  package var phrase: String {
    switch self {
    case .violation(let rule, let side, let packet):
      "after \(rule.name) by the \(side.name) in packet \(packet)"
    case .largeMessage(let bytes, let unsent, let side, let packet):
      "after \(Self.message(bytes, unsent: unsent)) from the \(side.name) in packet \(packet)"
    case .largeMessageIn(let packet, let side):
      "after the last bytes from the \(side.name) in packet \(packet)"
    case .serverRestart(let others, let said):
      "when the server ended \(others == 1 ? "1 other session" : "\(others) other sessions") within a second: "
        + "perhaps " + (said ? "a restart" : "its process ended, or was killed")
    case .unansweredPings(let count, let kind, let side, let waited):
      "after \(Self.pings(count, kind)) from the \(side.name) went unanswered for \(DurationText.seconds(waited))"
    case .silence(let silence, let side): Self.silence(silence, side)
    case .vanished(let side, let left):
      "after the \(side.name) had stopped acknowledging: \(left.bytes) bytes retransmitted "
        + "\(left.repetitions) times within \(DurationText.seconds(left.time))"
    case .unreadData(let side, let packet):
      "perhaps without having read the last bytes from the \(side.peer.name), in packet \(packet)"
    }
  }

  /// `unsent` as in `largeMessage`.
  private static func message(_ bytes: UInt64, unsent: UInt64?) -> String {
    switch unsent {
    case nil: "a message of \(bytes) bytes"
    case 0?: "the first \(bytes) bytes of a message"
    case let unsent?: "\(bytes) of the \(bytes &+ unsent) bytes of a message"
    }
  }

  private static func pings(_ count: Int, _ kind: HeartbeatKind) -> String {
    let one = kind == .ping ? "ping" : "\(kind.name) heartbeat"
    return count == 1 ? "\(kind == .engineIO ? "an" : "a") \(one)" : "\(count) \(one)s"
  }

  private static func silence(_ silence: Int64, _ side: Side?) -> String {
    let by = side.map { " from the \($0.name)" } ?? ""
    let sentence = "after \(DurationText.seconds(silence)) without a byte\(by)"
    let timeouts = IdleTimeout.matching(silence)
    guard let first = timeouts.first else { return sentence }
    let names = timeouts.map(\.name).joined(separator: ", ")
    return sentence + ": perhaps an idle timeout (\(first.seconds) s is the default of \(names))"
  }
}
