import WireBytes

/// Decodes the headers of packets: link header, IP, TCP or UDP. One decoder per capture, for all of its interfaces.
///
/// It never traps and never throws on a packet. Every packet is one call, which allocates nothing and keeps nothing
/// of the packet, except for fragments.
public struct PacketDecoder: ~Copyable {
  private var framing: LinkFraming
  private var fragments = FragmentTable()
  /// Fragments of UDP and of tunnels' packets, kept apart so that they do not take the room of those of TCP.
  private var otherFragments = FragmentTable()
  private var wirelessFragments = WirelessFragments()
  /// What is left of a frame with several packets.
  private var aggregate = WirelessAggregate()
  /// Tunnels around the packet that is being decoded.
  private var tunnels = 0
  private var joined: [UInt8] = []

  /// How many packets may be nested in one another.
  private static let mostTunnels = 8

  /// The UDP datagram of the last packet. Valid after an outcome `.datagram`, until the next call of `decode` or
  /// `decodeNext`.
  public private(set) var datagram = UDPDatagram(
    source: IPAddress(ipv4: 0), destination: IPAddress(ipv4: 0), sourcePort: 0, destinationPort: 0)

  /// A decoder for a link type by its number: the DLT_ value of `pcap_datalink`, or the LINKTYPE_ value of a file.
  public init(linkType: Int32) throws(UnsupportedLinkType) {
    guard let framing = LinkType.framing(of: linkType) else {
      throw UnsupportedLinkType(number: linkType)
    }
    self.framing = framing
  }

  /// Whether packets of a link type can be decoded.
  public static func supports(linkType: Int32) -> Bool { LinkType.framing(of: linkType) != nil }

  /// Switches to another link type for the packets that follow; false when it is not supported.
  public mutating func use(linkType: Int32) -> Bool {
    guard let framing = LinkType.framing(of: linkType) else { return false }
    self.framing = framing
    return true
  }

  /// Decodes one packet: its captured bytes, its length on the wire, and when it was captured.
  ///
  /// `segment` is written only when the outcome is `.segment`. It belongs to the caller because a returned value was
  /// copied three times per packet.
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

  /// Decodes the next of several packets in one, after an outcome `.several`; nil when there are no more. The arguments
  /// are those of `decode`.
  public mutating func decodeNext(
    _ packet: Span<UInt8>, time: CaptureTime, into segment: inout TCPSegment
  ) -> PacketOutcome? {
    switch aggregate.next(in: packet) {
    case .packet(let network, let extent): decodeUnusual(network, packet, extent, time, &segment)
    case .truncated: .undecodable(.truncatedLinkHeader)
    case nil: nil
    }
  }

  /// The payload of the IP datagram that was joined last. An outcome `in: .joined` refers to these bytes. Valid until the
  /// next call of `decode` or `decodeNext`.
  public var joinedDatagram: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get { joined.span }
  }

  /// What happened to IP fragments so far.
  public var fragmentCounts: FragmentCounts { fragments.counts + otherFragments.counts }

  /// Datagrams of which some fragments have come and others have not. UDP counts only where it is a tunnel's.
  public var incompleteDatagrams: Int { fragments.incompleteDatagrams + otherFragments.incompleteDatagrams }

  // MARK: IP

  @inline(never)
  private mutating func decodeUnusual(
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

  @inline(never)
  private mutating func decodeIPByVersion(
    _ packet: Span<UInt8>, _ extent: Extent, _ time: CaptureTime, _ segment: inout TCPSegment
  ) -> PacketOutcome {
    guard extent.count > 0 else { return .undecodable(.truncatedIPHeader) }
    return switch packet[extent.start] >> 4 {
    case 4: decodeIPv4(packet, extent, time, &segment)
    case 6: decodeIPv6(packet, extent, time, &segment)
    default: .undecodable(.badIPVersion)
    }
  }

  @inline(__always)
  private mutating func decodeIPv4(
    _ packet: Span<UInt8>, _ extent: Extent, _ time: CaptureTime, _ segment: inout TCPSegment
  ) -> PacketOutcome {
    do throws(UndecodableReason) {
      let header = try IPv4Header(packet, extent)
      guard header.number == IPProtocol.tcp, !header.isFragment else {
        return decodeOther(packet, header, time, &segment)
      }
      return decodeTCP(packet, header.payload, from: header.source, to: header.destination, &segment)
    } catch {
      return .undecodable(error)
    }
  }

  @inline(never)
  private mutating func decodeOther(
    _ packet: Span<UInt8>, _ header: IPv4Header, _ time: CaptureTime, _ segment: inout TCPSegment
  ) -> PacketOutcome {
    if header.isFragment {
      // An IPv4 fragment names what its datagram carries.
      let isOfUse = header.number == IPProtocol.tcp || Self.isOther(header.number)
      return isOfUse ? join(packet, header.fragment(in: packet), time, &segment) : .notTCP
    }
    return decodeOther(
      header.number, packet, header.payload, from: header.source, to: header.destination, time, &segment)
  }

  @inline(__always)
  private mutating func decodeIPv6(
    _ packet: Span<UInt8>, _ extent: Extent, _ time: CaptureTime, _ segment: inout TCPSegment
  ) -> PacketOutcome {
    do throws(UndecodableReason) {
      let header = try IPv6Header(packet, extent)
      guard header.nextHeader == IPProtocol.tcp else {
        return decodeExtensions(packet, header, time, &segment)
      }
      return decodeTCP(packet, header.payload, from: header.source, to: header.destination, &segment)
    } catch {
      return .undecodable(error)
    }
  }

  @inline(never)
  private mutating func decodeExtensions(
    _ packet: Span<UInt8>, _ header: IPv6Header, _ time: CaptureTime, _ segment: inout TCPSegment
  ) -> PacketOutcome {
    let (source, destination) = (header.source, header.destination)
    var payload = header.payload
    switch walkIPv6Extensions(packet, &payload, from: header.nextHeader) {
    case .tcp: return decodeTCP(packet, payload, from: source, to: destination, &segment)
    case .fragment(let part):
      let fragment = Fragment(
        key: FragmentKey(
          source: source, destination: destination, identification: part.identification, isIPv6: true,
          number: 0),
        offset: part.offset, isLast: part.isLast, nextHeader: part.nextHeader, bytes: payload,
        isWhole: header.isWhole)
      return join(packet, fragment, time, &segment)
    case .other(let number):
      return decodeOther(number, packet, payload, from: source, to: destination, time, &segment)
    case .truncated: return .undecodable(.truncatedExtensionHeader)
    }
  }

  // MARK: UDP and tunnels

  /// Decodes what IP carries instead of TCP: a UDP datagram, or a tunnel's packet. Of nested packets the innermost one
  /// counts.
  @inline(never)
  private mutating func decodeOther(
    _ number: UInt8, _ packet: Span<UInt8>, _ payload: Extent, from source: IPAddress,
    to destination: IPAddress, _ time: CaptureTime, _ segment: inout TCPSegment
  ) -> PacketOutcome {
    var payload = payload
    switch number {
    case IPProtocol.udp:
      guard let header = UDPHeader(packet, payload) else { return .notTCP }
      payload = header.payload
      if let tunnel = UDPTunnel(from: header.sourcePort, to: header.destinationPort),
        let network = tunnel.strip(from: packet, &payload)
      {
        return decodeTunneled(network, packet, payload, time, &segment)
      }
      guard header.isLengthValid else { return .notTCP }
      datagram = header.datagram(from: source, to: destination)
      return .datagram(in: .packet)
    case IPProtocol.ipv4: return decodeTunneled(.ipv4, packet, payload, time, &segment)
    case IPProtocol.ipv6: return decodeTunneled(.ipv6, packet, payload, time, &segment)
    case IPProtocol.gre:
      let network = stripGRE(from: packet, &payload)
      return decodeTunneled(network, packet, payload, time, &segment)
    default: return .notTCP
    }
  }

  /// Whether `decodeOther` has a use for a protocol.
  private static func isOther(_ number: UInt8) -> Bool {
    switch number {
    case IPProtocol.udp, IPProtocol.ipv4, IPProtocol.ipv6, IPProtocol.gre: true
    default: false
    }
  }

  private mutating func decodeTunneled(
    _ network: NetworkProtocol, _ packet: Span<UInt8>, _ payload: Extent, _ time: CaptureTime,
    _ segment: inout TCPSegment
  ) -> PacketOutcome {
    guard tunnels < Self.mostTunnels else { return .undecodable(.tooManyTunnels) }
    tunnels += 1
    defer { tunnels -= 1 }
    switch network {
    case .ipv4: return decodeIPv4(packet, payload, time, &segment)
    case .ipv6: return decodeIPv6(packet, payload, time, &segment)
    case .ipByVersion: return decodeIPByVersion(packet, payload, time, &segment)
    // None of these tunnels carries 802.11.
    case .other, .wireless, .wirelessPadded: return .notTCP
    case .truncated: return .undecodable(.truncatedTunnelHeader)
    }
  }

  // MARK: Packets in parts

  /// Adds a fragment, and decodes the datagram when this was its last missing piece.
  @inline(never)
  private mutating func join(
    _ packet: Span<UInt8>, _ fragment: Fragment, _ time: CaptureTime, _ segment: inout TCPSegment
  ) -> PacketOutcome {
    if Self.mayPrecedeTCP(fragment.nextHeader) {
      guard fragment.isWhole else { return .undecodable(.truncatedFragment) }
      let bytes = packet.extracting(fragment.bytes.start..<fragment.bytes.end)
      return take(fragments.add(bytes, of: fragment, isCounted: true, time), fragment.key, time, &segment)
    }
    guard Self.isOther(fragment.nextHeader) else { return .notTCP }
    let isUDP = fragment.nextHeader == IPProtocol.udp
    guard fragment.isWhole else { return isUDP ? .notTCP : .undecodable(.truncatedFragment) }
    let bytes = packet.extracting(fragment.bytes.start..<fragment.bytes.end)
    // Only its first fragment shows whether a datagram of UDP may carry TCP. Until then it does not count.
    let isCounted = fragment.offset == 0 && (!isUDP || UDPTunnel.isUsed(by: bytes))
    let result = otherFragments.add(bytes, of: fragment, isCounted: isCounted, time)
    if isUDP {
      guard case .joined = result else { return .notTCP }
    }
    return take(result, fragment.key, time, &segment)
  }

  /// Whether a fragment of IPv6 may belong to a TCP segment, by its next header: TCP, or an extension header before it.
  /// In IPv6 only the first fragment's next header counts, but senders write the same one in all fragments.
  private static func mayPrecedeTCP(_ nextHeader: UInt8) -> Bool {
    switch nextHeader {
    case IPProtocol.tcp, IPProtocol.hopByHop, IPProtocol.routing, IPProtocol.destinationOptions,
      IPProtocol.authentication, IPProtocol.fragment:
      true
    default: false
    }
  }

  private mutating func take(
    _ result: FragmentResult, _ key: FragmentKey, _ time: CaptureTime, _ segment: inout TCPSegment
  ) -> PacketOutcome {
    switch result {
    case .held: return .heldFragment
    case .refused(let reason): return .undecodable(reason)
    case .joined(let bytes, let nextHeader):
      return keep(bytes, of: decodeJoined(bytes.span, nextHeader, key, time, &segment))
    }
  }

  private mutating func decodeJoined(
    _ bytes: Span<UInt8>, _ nextHeader: UInt8, _ key: FragmentKey, _ time: CaptureTime,
    _ segment: inout TCPSegment
  ) -> PacketOutcome {
    var extent = Extent(captured: bytes.count, original: bytes.count)
    // IPv4 has no extension headers: there the walk ends at once.
    return switch walkIPv6Extensions(bytes, &extent, from: nextHeader) {
    case .tcp: decodeTCP(bytes, extent, from: key.source, to: key.destination, &segment)
    case .fragment: .undecodable(.nestedFragment)
    case .other(let number):
      decodeOther(number, bytes, extent, from: key.source, to: key.destination, time, &segment)
    case .truncated: .undecodable(.truncatedExtensionHeader)
    }
  }

  /// Decodes an 802.11 frame that is a fragment or an aggregate.
  private mutating func decodeWireless(
    _ packet: Span<UInt8>, _ extent: Extent, isPadded: Bool, _ time: CaptureTime,
    _ segment: inout TCPSegment
  ) -> PacketOutcome {
    guard let frame = try? WirelessFrame(packet, extent, isPadded: isPadded) else { return .notTCP }
    if frame.isFragment {
      // Aggregates are not fragmented (IEEE 802.11 §10.4).
      return frame.isAggregate ? .notTCP : join(packet, frame, time, &segment)
    }
    aggregate = WirelessAggregate(frame)
    return .several
  }

  /// Adds a fragment of an 802.11 frame, and decodes the frame's data when it was the last one.
  private mutating func join(
    _ packet: Span<UInt8>, _ frame: WirelessFrame, _ time: CaptureTime, _ segment: inout TCPSegment
  ) -> PacketOutcome {
    let bytes = packet.extracting(frame.body.start..<frame.body.end)
    guard frame.body.isWhole else { return .undecodable(.truncatedFragment) }
    guard let data = wirelessFragments.add(bytes, frame, time) else { return .heldFragment }
    var extent = Extent(captured: data.count, original: data.count)
    let network = networkAfterLLC(data.span, &extent)
    return keep(data, of: decodeUnusual(network, data.span, extent, time, &segment))
  }

  /// Keeps joined bytes for whoever reads the payload, unless that is in something else that was joined.
  private mutating func keep(_ bytes: [UInt8], of outcome: PacketOutcome) -> PacketOutcome {
    switch outcome {
    case .segment(in: .packet):
      joined = bytes
      return .segment(in: .joined)
    case .datagram(in: .packet):
      joined = bytes
      return .datagram(in: .joined)
    default: return outcome
    }
  }
}
