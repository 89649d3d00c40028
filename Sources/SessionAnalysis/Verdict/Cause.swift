import TCPReassembly
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
  /// Nothing was sent, by anybody or by one side, for this long, in nanoseconds.
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
}
