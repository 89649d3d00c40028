import CaptureInput
import HTTP1
import PacketLayers
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// What every event of a session carries: which one, and since when its clock runs.
public struct SessionReference: Sendable {
  /// Counted from 1 in the order in which sessions were found.
  public var number: UInt64
  /// The moment that relative times count from: the upgrade request, or the first packet seen.
  public var start: CaptureTime
}

/// What became of the handshake, as reports name it.
public enum HandshakeOutcome: String, Sendable {
  /// Answered with 101, and a client may go on.
  case upgraded
  /// Answered with another status.
  case rejected
  /// Answered with 101, but with something that a client must refuse.
  case invalid
  /// Never answered in the capture.
  case incomplete
  /// The session was recognised by its frames.
  case notCaptured = "not_captured"
}

/// A session begins.
public struct SessionOpen: Sendable {
  /// Which one.
  public var session: SessionReference
  /// Where it was found out: the end of the response, or the first frame.
  public var position: StreamPosition
  /// Who asked for the upgrade.
  public var client: Endpoint
  /// Who was asked.
  public var server: Endpoint
  /// Wireshark's `tcp.stream`.
  public var tcpStream: UInt64
  /// The request, the response and what was found wrong with them; nil when not captured.
  public var handshake: Handshake?
  /// What became of it.
  public var outcome: HandshakeOutcome
  /// What reports are not to show of it; nothing where secrets were asked for.
  public var hidden: Secrets
  /// The session that this one follows, if the same client lost one to the same place before.
  public var reconnect: Reconnect?
  /// The session that is the other leg of this one, around a proxy; said of the leg that was found second.
  public var leg: ProxyLeg?

  /// `ws://host/target`, as it may be shown.
  public var url: String? { (handshake?.url()).map { hidden.redacted(target: $0) } }

  /// The request target, as it may be shown.
  public func target(of head: HTTPHead) -> String { hidden.redacted(target: head.target) }

  /// A field's value, as it may be shown.
  public func shown(header name: String, _ value: String) -> String {
    hidden.isEmpty ? value : hidden.redacted(header: name, value: value)
  }

  /// Subprotocols, as they may be shown.
  public func shown(subprotocols: [String]) -> [String] {
    hidden.isEmpty ? subprotocols : subprotocols.map { hidden.redacted(subprotocol: $0) }
  }

  /// Community ID v1 of the connection.
  public var communityID: String { CommunityID.of(client, server) }
}

/// `bytes` of the stream are not in the capture.
public struct Gap: Sendable {
  /// Who sent them.
  public var side: Side
  /// Where they would have been.
  public var position: StreamPosition
  /// How many.
  public var bytes: UInt64
}

/// A ping, pong or close, with what it means in its session.
public struct ControlEvent: Sendable {
  /// The frame.
  public var frame: ControlFrame
  /// Of a pong: the ping that it answers.
  public var answers: StreamPosition?
  /// Of a close: its code; nil when the payload has none.
  public var closeCode: UInt16?

  /// Of a pong: nanoseconds from the ping's packet to the pong's.
  public var roundTrip: Int64? {
    answers.map { frame.first.time.nanoseconds(since: $0.time) }
  }
}

/// How a session ended, as reports name it.
public enum SessionEnd: String, Sendable {
  /// Both sides sent a Close frame.
  case closeHandshake = "close_handshake"
  /// One side did, the other never answered.
  case closeUnanswered = "close_unanswered"
  /// A FIN without a Close frame: what a browser reports as 1006.
  case fin
  /// A RST without a closing handshake.
  case rst
  /// The capture ended first.
  case captureEnd = "capture_end"
  /// The analysis let it go: idle too long, or a limit was reached.
  case gaveUp = "gave_up"
}

/// A session ends.
public struct SessionClose: Sendable {
  /// Which one.
  public var session: SessionReference
  /// The packet that ended it.
  public var position: StreamPosition
  /// Nanoseconds from `SessionOpen.position` to here.
  public var duration: Int64
  /// How it ended, who began it and why.
  public var verdict: Verdict
  /// What the client sent after the upgrade.
  public var client: SideCounts
  /// What the server sent after the upgrade.
  public var server: SideCounts
  /// What compression saved the client.
  public var clientCompression: CompressionCounts
  /// What compression saved the server.
  public var serverCompression: CompressionCounts
  /// Where the client's last bytes were captured: its last sign of life.
  public var clientLast: StreamPosition?
  /// Where the server's last bytes were captured.
  public var serverLast: StreamPosition?
  /// What TCP did with what the sides sent; nil when that was not looked at.
  public var transport: SessionTransport?
  /// Heartbeats by kind and side, in the order in which they were first seen.
  public var heartbeats: [Heartbeat]
  /// Its other legs around proxies, and how their messages compare.
  public var legs: [LegComparison]
  /// Rules that were broken more often than they were reported, with how often.
  public var suppressed: [(rule: Rule, side: Side, count: Int)]
  /// The handshake's outcome, for reports that sum up.
  public var outcome: HandshakeOutcome

  /// Who ended a session.
  public enum ClosedBy: String, Sendable {
    /// The side that asked for the upgrade.
    case client
    /// The side that answered it.
    case server
    /// Both at the same time.
    case both
  }
}

/// What the whole input held.
public struct CaptureSummary: Sendable {
  /// Packets read.
  public var packets: UInt64 = 0
  /// Their bytes on the wire.
  public var bytes: UInt64 = 0
  /// The earliest packet.
  public var firstTime: CaptureTime?
  /// The latest packet.
  public var lastTime: CaptureTime?
  /// Packets that do not stand in the order of their time.
  public var timeOrder = TimeOrder()
  /// TCP connections.
  public var connections: UInt64 = 0
  /// WebSocket sessions, rejected handshakes included.
  public var sessions: UInt64 = 0
  /// TCP connections that carried TLS and stayed closed for want of a key.
  public var tlsConnections: UInt64 = 0
  /// Packets of other protocols than TCP.
  public var notTCP: UInt64 = 0
  /// Packets that could not be decoded, by reason; only those that occurred.
  public var undecodable: [(reason: String, packets: UInt64)] = []
  /// What reassembly saw and let go.
  public var reassembly = ReassemblyCounts()
  /// Connections without a captured handshake that were let go before it was known what they carry, because too many bytes
  /// were held.
  public var pickUpsLetGo: UInt64 = 0
  /// Messages of which less was kept than there was.
  public var messagesShortened: UInt64 = 0
  /// IP fragments whose datagram never became whole.
  public var incompleteDatagrams: Int = 0
  /// Why an input could not be read to its end.
  public var damage: [String] = []
  /// The inputs, and what they say beside their packets.
  public var inputs: [InputEnding] = []

  /// Nothing read.
  public init() {}
}

/// How far a capture is from the order of time. Packets of several queues or interfaces overtake each other by little;
/// a file whose order is another one altogether cannot be followed.
public struct TimeOrder: Sendable, Hashable {
  /// Packets that stand behind one with a later time.
  public private(set) var packets: UInt64 = 0
  /// By how much at most, in nanoseconds.
  public private(set) var most: Int64 = 0

  mutating func add(_ nanoseconds: Int64) {
    packets &+= 1
    most = max(most, nanoseconds)
  }

  mutating func add(_ later: TimeOrder) {
    packets &+= later.packets
    most = max(most, later.most)
  }

  /// Whether that is more than packets overtake each other: by a second, or every fourth one of `all`.
  package func isLost(in all: UInt64) -> Bool { most >= 1_000_000_000 || packets > 16 && packets > all / 4 }
}

/// From `packet` on packets are those of another file, until the next such event.
public struct InputChange: Sendable {
  /// As the input is named.
  public var file: String
  /// The number of its packet at hand among those of all inputs.
  public var packet: UInt64
  /// The number of that packet in the file.
  public var filePacket: UInt64
  /// When it was captured.
  public var time: CaptureTime
}
