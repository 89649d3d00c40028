import HTTP1
import SessionAnalysis
import TCPReassembly
import WireBytes

/// What is known of a session by itself when it begins; `SessionMerge` adds its number and its relation to others.
struct SessionOpening {
  /// Where it was recognised: the end of the response, or the first frame.
  var position: StreamPosition
  var client: Endpoint
  var server: Endpoint
  /// Wireshark's `tcp.stream`.
  var tcpStream: UInt64
  /// The request, the response and what was found wrong with them; nil when not captured.
  var handshake: Handshake?
  var outcome: HandshakeOutcome
  /// What reports must not show of it; empty where secrets were asked for.
  var hidden: Secrets
}
