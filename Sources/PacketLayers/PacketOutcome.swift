/// What became of one packet.
public enum PacketOutcome: Hashable, Sendable {
  /// A TCP segment, written to where the caller wants it; its payload is a range of the bytes that `in` names.
  case segment(in: PayloadSource)
  /// Decoded fine, and it carries another protocol: UDP, ICMP, ARP and so on.
  case notTCP
  /// A fragment of a datagram whose other fragments have not all come yet.
  case heldFragment
  /// Several packets in one: `PacketDecoder.decodeNext` decodes one after the other.
  case several
  /// A header could not be read.
  case undecodable(UndecodableReason)
}
