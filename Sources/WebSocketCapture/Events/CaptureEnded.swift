internal import Sessions
internal import TCPReassembly
internal import WireBytes

/// The capture was read to its end, or as far as it can be read.
public struct CaptureEnded: Sendable {
  /// Packets read.
  public let packets: UInt64
  /// Their bytes on the wire.
  public let bytes: UInt64
  /// Packets of which the capture holds fewer bytes than there were on the wire, because of its snapshot length.
  public let packetsTruncated: UInt64
  /// The most bytes that the capture holds of any of these packets; nil if no packet was truncated.
  public let truncatedAt: Int?
  /// The earliest packet; nil without packets.
  public let firstTime: PacketTime?
  /// The latest packet; nil without packets.
  public let lastTime: PacketTime?
  /// Packets that come after one with a later time.
  public let packetsOutOfTimeOrder: UInt64
  /// TCP connections.
  public let connections: UInt64
  /// WebSocket sessions, rejected handshakes included.
  public let sessions: UInt64
  /// TCP connections that carried TLS, which is not decrypted.
  public let tlsConnections: UInt64
  /// Upgrade requests that were seen and not read, because of what comes before them on their connection.
  public let unreadRequests: UInt64
  /// Packets of other protocols than TCP.
  public let notTCP: UInt64
  /// Packets that could not be decoded, by reason (`truncated_ip_header`); only reasons that occurred.
  public let undecodable: [String: UInt64]
  /// What reassembling the TCP streams noticed and discarded.
  public let reassembly: ReassemblyTotals
  /// Why the capture could not be read to its end, one line each; empty when it could.
  public let damage: [String]
}

extension CaptureEnded {
  init(_ summary: CaptureSummary) {
    (packets, bytes) = (summary.packets, summary.bytes)
    (firstTime, lastTime) = (summary.firstTime.map { .init($0) }, summary.lastTime.map { .init($0) })
    packetsTruncated = summary.truncated
    truncatedAt = summary.truncated > 0 ? summary.truncatedLengths.longest : nil
    packetsOutOfTimeOrder = summary.timeOrder.packets
    (connections, sessions) = (summary.connections, summary.sessions)
    (tlsConnections, notTCP) = (summary.tlsConnections, summary.notTCP)
    unreadRequests = summary.unreadRequestCount
    undecodable = Dictionary(summary.undecodable.map { ($0.reason, $0.packets) }) { $0 &+ $1 }
    reassembly = ReassemblyTotals(summary)
    damage = summary.damage
  }
}
