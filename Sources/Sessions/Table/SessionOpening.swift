import HTTP1
import Preambles
import SessionAnalysis
import TCPReassembly
import WireBytes

/// What is known of a session by itself when it begins; `SessionMerge` adds its number and its relation to others.
struct SessionOpening {
  /// Where it was recognised: the end of the response, or the first frame.
  var position: StreamPosition
  /// Who the client is: the one that a preamble tells of, or else the end of the TCP connection.
  var client: Endpoint
  var server: Endpoint
  /// The client's end of the TCP connection.
  var tcpClient: Endpoint
  /// What came before the handshake.
  var via: [Preamble]
  /// Wireshark's `tcp.stream`.
  var tcpStream: UInt64
  /// The request, the response and what was found wrong with them; nil when not captured.
  var handshake: Handshake?
  var outcome: HandshakeOutcome
  /// What reports must not show of it; empty where secrets were asked for.
  var hidden: Secrets
}
