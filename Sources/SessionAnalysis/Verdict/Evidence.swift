import TCPReassembly
import WireBytes

/// One observation that a verdict rests on.
public enum Evidence: Sendable, Equatable {
  /// The session was recognised by its frames; `lacking` says what was not captured.
  case recognised(packet: UInt64, lacking: Lacking, by: String)
  /// The upgrade was refused with this status.
  case status(Int, packet: UInt64)
  /// The last bytes before the end began, and how long before, in nanoseconds.
  case lastBytes(from: Side, packet: UInt64, before: Int64)
  /// A side sent its FIN.
  case fin(from: Side, packet: UInt64)
  /// One side sent its FIN, and the other one did not.
  case oneFin(from: Side, packet: UInt64)
  /// Both sides sent a FIN: who was first, where that is known, and the packets of both.
  case bothFins(first: Side?, firstPacket: UInt64?, secondPacket: UInt64)
  /// A Close frame. The reason is what the peer wrote, any text.
  case close(SentClose, reason: String, packet: UInt64)
  /// A Close says that its sender's peer did something wrong, and this is what was seen of that.
  case objection(Objection)
  /// Two Close frames crossed: the later one does not acknowledge the earlier one. Inferred.
  case crossing(packet: UInt64, laterPacket: UInt64)
  /// A side went on sending after its peer's FIN.
  case bytesAfterFin(from: Side, packet: UInt64)
  /// Pings of a side that no pong answered.
  case openPings(Int, of: Side, lastPacket: UInt64)
  /// Bytes that were sent again and again and never acknowledged.
  case unacknowledged(UnconfirmedBytes, of: Side)
  /// A side's receive window was zero to the end, for so many nanoseconds from this packet on.
  case closedWindow(of: Side, for: Int64, packet: UInt64)
  /// The connection was reset.
  case reset(from: Side?, packet: UInt64)
  /// A SYN between the same endpoints began another connection.
  case newConnection(packet: UInt64)
  /// The capture ended while the connection was open; its last packet came at this time.
  case captureEnded(lastPacket: CaptureTime)
  /// The connection was let go; its last packet came at this time.
  case evicted(lastPacket: CaptureTime)

  /// The connection was reset, even if the session was over by then.
  public var isReset: Bool { if case .reset = self { true } else { false } }

  /// What of a handshake was not captured.
  public enum Lacking: Sendable, Hashable {
    /// Neither the request nor the response.
    case handshake
    /// The response.
    case response
  }
}
