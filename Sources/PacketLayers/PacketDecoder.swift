import WireBytes

/// Takes packets apart: link header, IP, TCP header. One decoder per capture, for all of its interfaces.
///
/// It never traps and never throws on a packet. Apart from fragments it keeps nothing and allocates
/// nothing; every packet is one call.
public struct PacketDecoder: ~Copyable {
  private var framing: LinkFraming
  private var fragments = FragmentTable(countsUnknown: true)
  /// Those of tunnels' packets, among them many of UDP that turn out to be none: they do not take TCP's room.
  private var tunnelFragments = FragmentTable(countsUnknown: false)
  private var wirelessFragments = WirelessFragments()
  /// What is left of a frame with several packets.
  var aggregate: Extent?
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
    case let network: return decodeUnusual(network, packet, extent, time, &segment)
    }
  }

  @inline(never)
  mutating func decodeUnusual(
    _ network: NetworkProtocol, _ packet: Span<UInt8>, _ extent: Extent, _ time: CaptureTime,
    _ segment: inout TCPSegment
  ) -> PacketOutcome {
    switch network {
    case .ipv4: decodeIPv4(packet, extent, time, &segment)
    case .ipv6: decodeIPv6(packet, extent, time, &segment)
    case .ipByVersion: decodeIPByVersion(packet, extent, time, &segment)
    case .wireless: decodeWireless(packet, extent, isPadded: false, time, &segment)
    case .wirelessPadded: decodeWireless(packet, extent, isPadded: true, time, &segment)
    case .other: .notTCP
    case .truncated: .undecodable(.truncatedLinkHeader)
    }
  }

  /// What stood behind the IP headers of the datagram that was joined last: the bytes that a segment `in:
  /// .joined` is about. Valid until the next call of `decode`.
  public var joinedDatagram: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get { fragments.joined }
  }

  /// What happened to fragments so far.
  public var fragmentCounts: FragmentCounts { fragments.counts + tunnelFragments.counts }

  /// Datagrams of which some fragments came and others have not.
  public var incompleteDatagrams: Int {
    fragments.incompleteDatagrams + tunnelFragments.incompleteDatagrams
  }

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
    let isTunnel = !FragmentTable.mayCarryTCP(place.nextHeader)
    guard !isTunnel || FragmentTable.mayCarryTunnel(place.nextHeader) else { return .notTCP }
    // Most of UDP is no tunnel, which its first fragment shows; until then nothing is said about it.
    let isUDP = place.nextHeader == IPProtocol.udp
    guard isWhole else { return isUDP ? .notTCP : .undecodable(.truncatedFragment) }
    let bytes = packet.extracting(extent.start..<extent.end)
    if isUDP, place.offset == 0, !Self.isOfTunnel(bytes) {
      tunnelFragments.forget(place.key)
      return .notTCP
    }
    let result =
      isTunnel ? tunnelFragments.add(bytes, at: place, time) : fragments.add(bytes, at: place, time)
    switch result {
    case .held: return isUDP ? .notTCP : .heldFragment
    case .refused(let reason): return isUDP ? .notTCP : .undecodable(reason)
    case .joined(let nextHeader):
      let datagram = isTunnel ? tunnelFragments.takeJoined() : fragments.takeJoined()
      let outcome = decodeJoined(datagram.span, nextHeader, place.key, time, &segment)
      return keep(datagram, of: outcome)
    }
  }

  private mutating func decodeJoined(
    _ datagram: Span<UInt8>, _ nextHeader: UInt8, _ key: FragmentKey, _ time: CaptureTime,
    _ segment: inout TCPSegment
  ) -> PacketOutcome {
    var extent = Extent(captured: datagram.count, original: datagram.count)
    // Of IPv4 only TCP and tunnels are held, so this walk ends at once for them.
    return switch walkIPv6Extensions(datagram, &extent, from: nextHeader) {
    case .tcp: decodeTCP(datagram, extent, from: key.source, to: key.destination, in: .packet, &segment)
    case .fragment: .undecodable(.nestedFragment)
    case .other(let number): decodeTunnel(number, datagram, extent, time, &segment)
    case .truncated: .undecodable(.truncatedExtensionHeader)
    }
  }

  /// What was joined stays for who asks for the segment's payload, unless that lies in something else that was joined.
  private mutating func keep(_ datagram: [UInt8], of outcome: PacketOutcome) -> PacketOutcome {
    guard outcome == .segment(in: .packet) else { return outcome }
    fragments.giveBack(datagram)
    return .segment(in: .joined)
  }

  /// Takes a fragment of an 802.11 frame in, and decodes the frame's data when it is the last one.
  mutating func joinWireless(
    _ packet: Span<UInt8>, _ frame: WirelessData, _ time: CaptureTime, _ segment: inout TCPSegment
  ) -> PacketOutcome {
    let bytes = packet.extracting(frame.body.start..<frame.body.end)
    guard frame.body.isWhole else { return .undecodable(.truncatedFragment) }
    guard let data = wirelessFragments.add(bytes, frame, time) else { return .heldFragment }
    var extent = Extent(captured: data.count, original: data.count)
    let network = networkBehindLLC(data.span, &extent)
    let outcome = decodeUnusual(network, data.span, extent, time, &segment)
    return keep(data, of: outcome)
  }
}
