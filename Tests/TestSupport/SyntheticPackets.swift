import WireBytes

// Headers around payloads, innermost last: ethernet(ipv4(from:to:, tcp(from:to:, payload: "hi".utf8))).
// Every field has a default, so a test names only what it is about.

// MARK: Addresses

/// An IPv4 or IPv6 address, written as text in tests: `"10.0.0.1"`, `"2001:db8::1"`.
public struct TestAddress: Hashable, Sendable, ExpressibleByStringLiteral {
  /// 4 or 16 bytes in network order.
  public let bytes: [UInt8]

  /// An address from its 4 or 16 bytes.
  public init(bytes: [UInt8]) {
    precondition(bytes.count == 4 || bytes.count == 16)
    self.bytes = bytes
  }

  /// An address from its text; a mistake in it ends the test run.
  public init(stringLiteral text: String) {
    self.init(text)
  }

  /// An address from its text; a mistake in it ends the test run.
  public init(_ text: String) {
    guard text.contains(":") else {
      self.init(bytes: text.split(separator: ".").map { Self.number($0, radix: 10) })
      return
    }
    let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
      .map { half in
        half.split(separator: ":").flatMap { bigEndianBytes(Self.number($0, radix: 16) as UInt16) }
      }
    let zeros = [UInt8](repeating: 0, count: 16 - halves.joined().count)
    self.init(bytes: halves[0] + zeros + (halves.count > 1 ? halves[1] : []))
  }

  /// Whether it is an IPv6 address.
  public var isIPv6: Bool { bytes.count == 16 }

  private static func number<Number: FixedWidthInteger>(_ text: Substring, radix: Int) -> Number {
    guard let value = Number(text, radix: radix) else { preconditionFailure("no address part: \(text)") }
    return value
  }
}

// MARK: Link headers

/// A link header around an IP packet.
public enum TestLink: Sendable, CaseIterable {
  case ethernet
  case ethernetWithTag
  case ethernetWithTwoTags
  case ethernetSNAP
  case cooked
  case cooked2
  case nullLittleEndian
  case nullBigEndian
  case loop
  case raw
  /// DLT_RAW, as `pcap_datalink` returns it on Linux.
  case rawDLT
  /// DLT_RAW of OpenBSD.
  case rawOpenBSD
  /// IPV4 (228) or IPV6 (229), by `linkType(isIPv6:)`.
  case byFamily

  /// The LINKTYPE_ number for a file of such packets.
  public func linkType(isIPv6: Bool = false) -> Int32 {
    switch self {
    case .ethernet, .ethernetWithTag, .ethernetWithTwoTags, .ethernetSNAP: 1
    case .cooked: 113
    case .cooked2: 276
    case .nullLittleEndian, .nullBigEndian: 0
    case .loop: 108
    case .raw: 101
    case .rawDLT: 12
    case .rawOpenBSD: 14
    case .byFamily: isIPv6 ? 229 : 228
    }
  }

  /// The packet with this link's header before it.
  public func frame(_ ip: [UInt8]) -> [UInt8] {
    let isIPv6 = (ip.first ?? 0) >> 4 == 6
    let family: UInt32 = isIPv6 ? 30 : 2
    return switch self {
    case .ethernet: TestSupport.ethernet(ip)
    case .ethernetWithTag: TestSupport.ethernet(ip, tags: [VLANTag(5)])
    case .ethernetWithTwoTags:
      TestSupport.ethernet(ip, tags: [VLANTag(100, type: VLANTag.service), VLANTag(5)])
    case .ethernetSNAP: TestSupport.ethernetSNAP(ip)
    case .cooked: linuxCooked(ip)
    case .cooked2: linuxCooked2(ip)
    case .nullLittleEndian: bigEndianBytes(family.byteSwapped) + ip
    case .nullBigEndian, .loop: bigEndianBytes(family) + ip
    case .raw, .rawDLT, .rawOpenBSD, .byFamily: ip
    }
  }
}

/// An 802.1Q tag.
public struct VLANTag: Hashable, Sendable {
  /// The customer tag's type, 802.1Q.
  public static let customer: UInt16 = 0x8100
  /// The service tag's type, 802.1ad (QinQ).
  public static let service: UInt16 = 0x88a8
  /// The service tag's type before 802.1ad.
  public static let oldService: UInt16 = 0x9100

  /// The type that announces the tag.
  public var type: UInt16
  /// Priority and VLAN id.
  public var control: UInt16

  /// A tag for a VLAN id.
  public init(_ control: UInt16, type: UInt16 = VLANTag.customer) {
    self.control = control
    self.type = type
  }
}

/// The EtherType of an IP packet, by its version field.
public func etherType(of ip: [UInt8]) -> UInt16 {
  (ip.first ?? 0) >> 4 == 6 ? 0x86dd : 0x0800
}

private let testMACs: [UInt8] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]

/// An Ethernet frame, padded with 0xee when `minimumLength` asks for it (60 on a real wire). Without a type
/// it is that of the IP packet.
public func ethernet(
  _ payload: [UInt8], type: UInt16? = nil, tags: [VLANTag] = [], minimumLength: Int = 0
) -> [UInt8] {
  var frame = testMACs
  for tag in tags { frame += bigEndianBytes(tag.type) + bigEndianBytes(tag.control) }
  frame += bigEndianBytes(type ?? etherType(of: payload)) + payload
  return frame + [UInt8](repeating: 0xee, count: max(0, minimumLength - frame.count))
}

/// An 802.3 frame with LLC and SNAP headers.
public func ethernetSNAP(_ payload: [UInt8], type: UInt16? = nil) -> [UInt8] {
  let llc = [0xaa, 0xaa, 3, 0, 0, 0] + bigEndianBytes(type ?? etherType(of: payload)) + payload
  return testMACs + bigEndianBytes(UInt16(llc.count)) + llc
}

/// A Linux cooked packet, LINKTYPE_LINUX_SLL (113).
public func linuxCooked(_ payload: [UInt8], protocol number: UInt16? = nil) -> [UInt8] {
  [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0] + bigEndianBytes(number ?? etherType(of: payload)) + payload
}

/// A Linux cooked packet, LINKTYPE_LINUX_SLL2 (276).
public func linuxCooked2(_ payload: [UInt8], protocol number: UInt16? = nil) -> [UInt8] {
  bigEndianBytes(number ?? etherType(of: payload))
    + [0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0] + payload
}

// MARK: IP

/// An IPv4 packet with a correct header checksum. `options` must be a multiple of 4 bytes; `totalLength`
/// replaces the true one; `fragmentOffset` is in bytes.
public func ipv4(
  from source: TestAddress = "10.0.0.1", to destination: TestAddress = "10.0.0.2", _ payload: [UInt8],
  protocol number: UInt8 = 6, identification: UInt16 = 1, options: [UInt8] = [], totalLength: Int? = nil,
  fragmentOffset: Int = 0, moreFragments: Bool = false
) -> [UInt8] {
  let headerLength = 20 + options.count
  let total = totalLength ?? headerLength + payload.count
  let fragment = UInt16(fragmentOffset / 8) | (moreFragments ? 0x2000 : 0)
  var header: [UInt8] = [0x40 | UInt8(headerLength / 4), 0]
  header += bigEndianBytes(UInt16(total)) + bigEndianBytes(identification) + bigEndianBytes(fragment)
  header += [64, number, 0, 0] + source.bytes + destination.bytes + options
  header.replaceSubrange(10..<12, with: bigEndianBytes(internetChecksum(header)))
  return header + payload
}

/// The IPv4 fragments of a payload, cut before each of the offsets `cuts` (multiples of 8), in order.
public func ipv4Fragments(
  from source: TestAddress = "10.0.0.1", to destination: TestAddress = "10.0.0.2", _ payload: [UInt8],
  protocol number: UInt8 = 6, identification: UInt16 = 1, cuts: [Int]
) -> [[UInt8]] {
  fragmentRanges(payload.count, cuts).map { range in
    ipv4(
      from: source, to: destination, Array(payload[range]), protocol: number,
      identification: identification, fragmentOffset: range.lowerBound,
      moreFragments: range.upperBound < payload.count)
  }
}

/// An IPv6 packet. `nextHeader` is that of the payload after the extension headers; `payloadLength`
/// replaces the true one.
public func ipv6(
  from source: TestAddress = "2001:db8::1", to destination: TestAddress = "2001:db8::2",
  _ payload: [UInt8], nextHeader: UInt8 = 6, extensions: [IPv6Extension] = [], payloadLength: Int? = nil
) -> [UInt8] {
  var chain: [UInt8] = payload
  var next = nextHeader
  for header in extensions.reversed() {
    chain = [next] + header.afterNextHeader + chain
    next = header.number
  }
  return [0x60, 0, 0, 0] + bigEndianBytes(UInt16(payloadLength ?? chain.count)) + [next, 64]
    + source.bytes + destination.bytes + chain
}

/// An extension header of IPv6, without its next-header field.
public struct IPv6Extension: Hashable, Sendable {
  /// Its protocol number.
  public var number: UInt8
  /// Its bytes after the next-header field.
  public var afterNextHeader: [UInt8]

  /// A header from its parts.
  public init(number: UInt8, afterNextHeader: [UInt8]) {
    self.number = number
    self.afterNextHeader = afterNextHeader
  }

  /// Hop-by-hop options: `units` times 8 bytes of padding.
  public static func hopByHop(units: Int = 1) -> IPv6Extension { padded(0, units) }
  /// A routing header of `units` times 8 bytes.
  public static func routing(units: Int = 1) -> IPv6Extension { padded(43, units) }
  /// Destination options: `units` times 8 bytes of padding.
  public static func destinationOptions(units: Int = 1) -> IPv6Extension { padded(60, units) }

  /// An authentication header with a check value of `checkLength` bytes, a multiple of 4.
  public static func authentication(checkLength: Int = 12) -> IPv6Extension {
    let rest = [UInt8](repeating: 0xab, count: 8 + checkLength)
    return IPv6Extension(number: 51, afterNextHeader: [UInt8(checkLength / 4 + 1), 0, 0] + rest)
  }

  /// A fragment header; the offset is in bytes.
  public static func fragment(offset: Int, more: Bool, identification: UInt32 = 1) -> IPv6Extension {
    IPv6Extension(
      number: 44,
      afterNextHeader: [0] + bigEndianBytes(UInt16(offset & 0xfff8) | (more ? 1 : 0))
        + bigEndianBytes(identification))
  }

  private static func padded(_ number: UInt8, _ units: Int) -> IPv6Extension {
    let padding = [UInt8](repeating: 0, count: units * 8 - 2)
    return IPv6Extension(number: number, afterNextHeader: [UInt8(units - 1)] + padding)
  }
}

/// The IPv6 fragments of a payload, cut before each of the offsets `cuts` (multiples of 8), in order.
/// `extensions` go before the fragment header of each.
public func ipv6Fragments(
  from source: TestAddress = "2001:db8::1", to destination: TestAddress = "2001:db8::2",
  _ payload: [UInt8], nextHeader: UInt8 = 6, identification: UInt32 = 1, extensions: [IPv6Extension] = [],
  cuts: [Int]
) -> [[UInt8]] {
  fragmentRanges(payload.count, cuts).map { range in
    let header = IPv6Extension.fragment(
      offset: range.lowerBound, more: range.upperBound < payload.count, identification: identification)
    return ipv6(
      from: source, to: destination, Array(payload[range]), nextHeader: nextHeader,
      extensions: extensions + [header])
  }
}

private func fragmentRanges(_ count: Int, _ cuts: [Int]) -> [Range<Int>] {
  zip([0] + cuts, cuts + [count]).map { $0..<$1 }
}

/// An IP packet of the addresses' family around a TCP segment whose checksum it fills in, as a sender does.
public func ip(from source: TestAddress, to destination: TestAddress, tcp segment: [UInt8]) -> [UInt8] {
  let pseudo = source.bytes + destination.bytes + bigEndianBytes(UInt32(segment.count)) + [0, 0, 0, 6]
  var segment = segment
  segment.replaceSubrange(16..<18, with: [0, 0])
  segment.replaceSubrange(16..<18, with: bigEndianBytes(internetChecksum(pseudo + segment)))
  return source.isIPv6
    ? ipv6(from: source, to: destination, segment) : ipv4(from: source, to: destination, segment)
}

/// RFC 1071.
public func internetChecksum(_ bytes: [UInt8]) -> UInt16 {
  var sum: UInt32 = 0
  for (index, byte) in bytes.enumerated() { sum += UInt32(byte) << (index % 2 == 0 ? 8 : 0) }
  while sum > 0xffff { sum = (sum & 0xffff) + sum >> 16 }
  return ~UInt16(sum)
}

// MARK: TCP

/// The control bits of a synthetic segment; raw values are as on the wire.
public struct TestFlags: OptionSet, Hashable, Sendable {
  /// The bits as in the header.
  public var rawValue: UInt16

  /// Flags from the header's bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// FIN.
  public static let fin = TestFlags(rawValue: 1)
  /// SYN.
  public static let syn = TestFlags(rawValue: 2)
  /// RST.
  public static let rst = TestFlags(rawValue: 4)
  /// PSH.
  public static let psh = TestFlags(rawValue: 8)
  /// ACK.
  public static let ack = TestFlags(rawValue: 16)
  /// URG.
  public static let urg = TestFlags(rawValue: 32)
}

/// A TCP segment without a checksum. `options` must be a multiple of 4 bytes.
public func tcp(
  from sourcePort: UInt16 = 40_000, to destinationPort: UInt16 = 80, _ flags: TestFlags = .ack,
  seq: UInt32 = 1000, ack: UInt32 = 5000, window: UInt16 = 65_535, urgentPointer: UInt16 = 0,
  options: [UInt8] = [], payload: some Sequence<UInt8> = []
) -> [UInt8] {
  let offset = UInt16(5 + options.count / 4) << 12
  return bigEndianBytes(sourcePort) + bigEndianBytes(destinationPort) + bigEndianBytes(seq)
    + bigEndianBytes(ack) + bigEndianBytes(offset | flags.rawValue) + bigEndianBytes(window) + [0, 0]
    + bigEndianBytes(urgentPointer) + options + payload
}
