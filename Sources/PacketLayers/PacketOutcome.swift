/// What became of one packet.
public enum PacketOutcome: Hashable, Sendable {
  /// A TCP segment, written to the caller's `TCPSegment`. Its payload is a range of the bytes that `in` names.
  case segment(in: PayloadSource)
  /// A UDP datagram, in `PacketDecoder.datagram`. Its payload is a range of the bytes that `in` names.
  case datagram(in: PayloadSource)
  /// Decoded without fault, and it carries neither TCP nor UDP: ICMP, ARP and so on. Also UDP whose header is cut or
  /// wrong, and every fragment of UDP but the one that completes its datagram.
  case notTCP
  /// A fragment of a datagram whose other fragments have not all come yet.
  case heldFragment
  /// Several packets in one: `PacketDecoder.decodeNext` decodes them one by one.
  case several
  /// A header could not be read.
  case undecodable(UndecodableReason)
}
