import HTTP1
import SessionAnalysis
import TCPReassembly
import WireBytes

/// What a record knows of few sessions only: of a refused upgrade, of copies of its connection, of pongs that answer nothing.
final class RareFacts {
  /// The body of the response that refused the upgrade.
  var refusalBody: KeptBody?
  /// What the proxy that refused the upgrade had asked for in vain.
  var upstreamFailure: UpstreamFailure?
  /// The tunnel that a proxy refused before.
  var refusedTunnel: RefusedTunnel?
  /// Its connection as it was captured under other addresses, too.
  var translations: [ConnectionInfo] = []
  /// Copies of its connection from the other side of an address translation; nil if none was captured.
  var copies: ConnectionCopies?
  /// How the session was recognised without the answer to its upgrade request.
  var recognition: SessionRecognition?
  /// The first pong of each side that no open ping explained.
  var unsolicitedPongs: [Side: StreamPosition] = [:]
  /// Of each side at most one: a pong that may answer a ping with another payload.
  var suspicions: [PongSuspicion] = []
  /// What its handshake broke more often than was reported, with how often.
  var suppressedOfHandshake: [(rule: Rule, side: Side, count: Int)] = []
  /// How often each side, client first, answered a ping with another payload.
  var mistakenPongs: InlineArray<2, Int> = [0, 0]
}
