import CaptureInput
import TCPReassembly
import WireBytes

/// What the whole input held.
public struct CaptureSummary: Sendable {
  /// Packets read.
  public var packets: UInt64 = 0
  /// Their bytes on the wire.
  public var bytes: UInt64 = 0
  /// Packets of which the capture holds fewer bytes than there were on the wire, because of its snapshot length.
  public var truncated: UInt64 = 0
  /// Captured bytes of the shortest and of the longest of them.
  public var truncatedLengths = (shortest: 0, longest: 0)
  /// The earliest packet.
  public var firstTime: CaptureTime?
  /// The latest packet.
  public var lastTime: CaptureTime?
  /// Packets that are not in order of their time.
  public var timeOrder = TimeOrder()
  /// TCP connections.
  public var connections: UInt64 = 0
  /// WebSocket sessions, rejected handshakes included.
  public var sessions: UInt64 = 0
  /// TCP connections that carried TLS and stayed closed for want of a key.
  public var tlsConnections: UInt64 = 0
  /// Upgrade requests that were seen and not read: the first of them.
  public var unreadRequests: [UnreadRequest] = []
  /// How many there were.
  public var unreadRequestCount: UInt64 = 0
  /// Connections that began with a preamble and carried no session: the first of them.
  public var unusedRoutes: [UnusedRoute] = []
  /// How many there were.
  public var unusedRouteCount: UInt64 = 0
  /// Packets of other protocols than TCP.
  public var notTCP: UInt64 = 0
  /// Packets that could not be decoded, by reason; only those that occurred.
  public var undecodable: [(reason: String, packets: UInt64)] = []
  /// What reassembly saw and let go.
  public var reassembly = ReassemblyCounts()
  /// Connections without a captured handshake that were let go before it was known what they carry, because too many bytes
  /// were held.
  public var midstreamEvictions: UInt64 = 0
  /// Messages of which less was kept than there was.
  public var messagesShortened: UInt64 = 0
  /// The memory of what waited.
  public var memory = MemoryUse()
  /// IP fragments whose datagram never became whole.
  public var incompleteDatagrams: Int = 0
  /// Why an input could not be read to its end.
  public var damage: [String] = []
  /// The inputs, and what they say beside their packets.
  public var inputs: [InputEnding] = []

  /// Nothing read.
  public init() {}
}
