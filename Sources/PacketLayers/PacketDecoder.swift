import WireBytes

/// Takes packets apart: link header, IP, TCP header. One decoder per capture, for all of its interfaces.
///
/// It never traps and never throws on a packet. Apart from fragments it keeps nothing and allocates
/// nothing; every packet is one call.
public struct PacketDecoder: ~Copyable {
  private var framing: LinkFraming
  private var fragments = FragmentTable()
  /// Tunnels around the packet that is being decoded.
  var tunnels = 0

  /// A decoder for a link type by its number: `pcap_datalink`'s DLT_ value, or the LINKTYPE_ value that
  /// stands in a file.
  public init(linkType: Int32) throws(UnsupportedLinkType) {
    guard let framing = LinkType.framing(of: linkType) else {
      throw UnsupportedLinkType(number: linkType)
    }
    self.framing = framing
  }

  /// Whether packets of a link type can be decoded.
  public static func supports(linkType: Int32) -> Bool { LinkType.framing(of: linkType) != nil }

  /// Decodes packets of another link type from now on; false when it is not supported.
  public mutating func use(linkType: Int32) -> Bool {
    guard let framing = LinkType.framing(of: linkType) else { return false }
    self.framing = framing
    return true
  }

  /// Decodes one packet: its captured bytes, its length on the wire, and when it was captured.
  ///
  /// `segment` is written only when the outcome says that there is one. It is the caller's: returned by
  /// value it was copied three times a packet.
  public mutating func decode(
    _ packet: Span<UInt8>, originalLength: Int, time: CaptureTime, into segment: inout TCPSegment
  ) -> PacketOutcome {
    var extent = Extent(captured: packet.count, original: originalLength)
    switch framing.strip(from: packet, &extent) {
    case .ipv4: return decodeIPv4(packet, extent, time, &segment)
    case .ipv6: return decodeIPv6(packet, extent, time, &segment)
    case .ipByVersion: return decodeIPByVersion(packet, extent, time, &segment)
    case .other: return .notTCP
    case .truncated: return .undecodable(.truncatedLinkHeader)
    }
  }

  /// What stood behind the IP headers of the datagram that was joined last: the bytes that a segment `in:
  /// .joined` is about. Valid until the next call of `decode`.
  public var joinedDatagram: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get { fragments.joined }
  }

  /// What happened to fragments so far.
  public var fragmentCounts: FragmentCounts { fragments.counts }

  /// Datagrams of which some fragments came and others have not.
  public var incompleteDatagrams: Int { fragments.incompleteDatagrams }

  @inline(never)
  mutating func decodeIPByVersion(
    _ packet: Span<UInt8>, _ extent: Extent, _ time: CaptureTime, _ segment: inout TCPSegment
  ) -> PacketOutcome {
    guard extent.count > 0 else { return .undecodable(.truncatedIPHeader) }
    return switch packet[extent.start] >> 4 {
    case 4: decodeIPv4(packet, extent, time, &segment)
    case 6: decodeIPv6(packet, extent, time, &segment)
    default: .undecodable(.badIPVersion)
    }
  }

  /// Takes a fragment in, and decodes the datagram when this was its last missing piece.
  @inline(never)
  mutating func joinFragment(
    _ packet: Span<UInt8>, _ extent: Extent, isWhole: Bool, _ place: FragmentPlace, _ time: CaptureTime,
    _ segment: inout TCPSegment
  ) -> PacketOutcome {
    guard FragmentTable.mayCarryTCP(place.nextHeader) else { return .notTCP }
    guard isWhole else { return .undecodable(.truncatedFragment) }
    switch fragments.add(packet.extracting(extent.start..<extent.end), at: place, time) {
    case .held: return .heldFragment
    case .refused(let reason): return .undecodable(reason)
    case .joined(let nextHeader):
      let datagram = fragments.joined
      var extent = Extent(captured: datagram.count, original: datagram.count)
      // An IPv4 fragment is held only if it is TCP, so this walk ends at once for it.
      return switch walkIPv6Extensions(datagram, &extent, from: nextHeader) {
      case .tcp:
        decodeTCP(datagram, extent, from: place.key.source, to: place.key.destination, in: .joined, &segment)
      case .fragment: .undecodable(.nestedFragment)
      case .other: .notTCP
      case .truncated: .undecodable(.truncatedExtensionHeader)
      }
    }
  }
}
