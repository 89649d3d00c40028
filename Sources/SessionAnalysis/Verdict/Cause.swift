import TCPReassembly
import WireBytes

/// What led to the end of a session, as far as it can be seen from outside.
///
/// A passive observer does not know why a program closes a connection. A cause is what came before the end and is known
/// to lead to it; where another one would look the same, its words say "perhaps".
public enum Cause: Sendable {
  /// The peer of the side that ended the session broke a rule on which it must, or may, be ended.
  case violation(Rule, by: Side, packet: UInt64)
  /// The client ended the session at once: the server's answer broke this rule, and a client must fail the connection then.
  case invalidHandshake(Rule, packet: UInt64)
  /// The client ended the session at once: it had offered these subprotocols, and the server selected none of them.
  /// `isFromPage`: a browser did, which must fail the connection then.
  case noSubprotocol(offered: String, isFromPage: Bool)
  /// The upgrade was refused with 403, or the session at once with 1008, and the request came from a page of another host.
  case foreignOrigin
  /// The upgrade was refused with 502, 503 or 504 because these connections to a server behind the proxy did not come about.
  case upstreamFailed(UpstreamFailure)
  /// The upgrade was refused because of what a proxy did not pass on of the request.
  case upgradeDropped(DroppedUpgrade)
  /// The request was not answered: a proxy had refused a tunnel on the same connection.
  case tunnelRefused(RefusedTunnel)
  /// The upgrade was refused, and this is what the body of the answer says. A peer's words.
  case refusalBody(String)
  /// What the Close that began the end gives as its reason. A peer's words.
  case closeReason(String)
  /// The same, with what the packets show of it.
  indirect case closeReasonShown(String, by: Cause)
  /// The closing side said 1009, and this is what it had been sent last in more than one piece. `unsent`: how many bytes
  /// more were announced and never came, 0 when it is not known; nil when it came whole.
  case largeMessage(bytes: UInt64, unsent: UInt64?, from: Side, packet: UInt64)
  /// The closing side said 1009, and this packet is the last one with bytes for it before that.
  case largeMessageIn(packet: UInt64, from: Side)
  /// So many other sessions were ended by the server with 1001 or 1012, or without a Close frame, within the second before.
  case serverRestart(others: Int, said: Bool)
  /// The side that ended the session had pings, or an application's heartbeats, open for so long, in nanoseconds.
  case unansweredPings(Int, HeartbeatKind, by: Side, waited: Int64)
  /// The other side's heartbeat, which had come at this interval, had not come for so long, both in nanoseconds. With
  /// `isOfBytes` something else had come after the last one, and nothing for so long.
  case heartbeatStopped(HeartbeatKind, by: Side, interval: Int64, since: Int64, isOfBytes: Bool = false)
  /// The session ended at an age, in nanoseconds, at which so many others of the same server, or with `byHost` of the same host
  /// name, had ended before. Inferred.
  case maximumLifetime(Int64, others: Int, byHost: Bool)
  /// Nothing was sent, by anybody or by one side, for this long, in nanoseconds; and what has that as its timeout.
  case silence(Int64, of: Side?, timeouts: [IdleTimeout] = [])
  /// The side that ended the session had sent bytes again and again, and the other one acknowledged nothing of them.
  case vanished(Side, UnconfirmedBytes)
  /// This side's receive window was zero for the last so many nanoseconds, and its TCP went on saying so: its program did not
  /// read.
  case stoppedReading(Side, for: Int64, packet: UInt64)
  /// The side that ended the session had sent keep-alive probes, and nothing came after them.
  case unansweredProbes(UnansweredProbes, by: Side)
  /// The first packet after so many nanoseconds of silence, from this side, was answered by a RST; or with `inVain`, it was
  /// sent again and again and not answered at all. Something between the two ends may have forgotten the connection.
  /// `isProbe`: that packet was a keep-alive probe.
  case forgotten(
    silence: Int64, by: Side, packet: UInt64, isProbe: Bool = false, inVain: UnconfirmedBytes? = nil)
  /// A RST by a side that had been sent data which it showed no sign of reading.
  case unreadData(by: Side, packet: UInt64)

  /// A Close that says why, and what it is about.
  package var explainsClose: Bool {
    switch self {
    case .violation, .closeReason, .largeMessage, .largeMessageIn: true
    default: false
    }
  }

  /// The name in JSON.
  public var name: String {
    switch self {
    case .violation, .invalidHandshake: "violation"
    case .noSubprotocol: "no_subprotocol"
    case .foreignOrigin: "foreign_origin"
    case .upstreamFailed(let failure):
      failure.connections.last?.isRefused ?? false ? "upstream_refused" : "upstream_unanswered"
    case .upgradeDropped: "proxy_dropped_upgrade"
    case .tunnelRefused: "connect_refused"
    case .refusalBody: "refusal_body"
    case .closeReason: "close_reason"
    // That nothing was said for a while is no more than the reason says.
    case .closeReasonShown(_, by: .silence(_, _, let timeouts)) where timeouts.isEmpty: "close_reason"
    case .closeReasonShown(_, let shown): shown.name
    case .largeMessage, .largeMessageIn: "large_message"
    case .serverRestart: "server_restart"
    case .unansweredPings: "unanswered_pings"
    case .silence(_, _, let timeouts): timeouts.isEmpty ? "silence" : "idle_timeout"
    case .heartbeatStopped: "heartbeat_stopped"
    case .maximumLifetime: "max_lifetime"
    case .vanished, .unansweredProbes: "peer_vanished"
    case .stoppedReading: "zero_window"
    case .forgotten: "connection_forgotten"
    case .unreadData: "unread_data"
    }
  }
}
