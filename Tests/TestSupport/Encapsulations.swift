/// A way to encapsulate an IP packet in a capture, beside those of `TestLink`: further link headers, and tunnels.
public struct Encapsulation: Sendable, CustomStringConvertible {
  /// What tests call it.
  public let description: String
  /// The LINKTYPE_ number for a file of such packets.
  public let linkType: Int32
  /// Puts everything around an IP packet.
  public let wrap: @Sendable ([UInt8]) -> [UInt8]

  /// An encapsulation from its parts.
  public init(_ description: String, _ linkType: Int32, _ wrap: @escaping @Sendable ([UInt8]) -> [UInt8]) {
    (self.description, self.linkType, self.wrap) = (description, linkType, wrap)
  }

  /// All of them.
  public static let all = links + tunnels

  /// Link headers.
  public static let links = [
    Encapsulation("PPP", 9) { [0xff, 3] + ppp($0) },
    Encapsulation("PPP without address and control", 9) { ppp($0) },
    Encapsulation("PPP with a short protocol", 50) { ppp($0).dropFirst() + [] },
    Encapsulation("PPP with a direction", 204) { [1, 0xff, 3] + ppp($0) },
    Encapsulation("PPPoE over Ethernet", 1) { ethernet(pppoe(ppp($0)), type: 0x8864) },
    Encapsulation("PPPoE after a tag, padded", 1) {
      ethernet(pppoe(ppp($0)), type: 0x8864, tags: [VLANTag(7)], minimumLength: 70)
    },
    Encapsulation("PPPoE alone", 51) { pppoe(ppp($0)) },
    Encapsulation("Cisco HDLC", 104) { [0x0f, 0] + bigEndianBytes(etherType(of: $0)) + $0 },
    Encapsulation("MPLS", 219) { labels(2) + $0 },
    Encapsulation("MPLS over Ethernet", 1) { ethernet(labels(3) + $0, type: 0x8847) },
    Encapsulation("MPLS over PPP", 9) { [0xff, 3, 0x02, 0x81] + labels(1) + $0 },
    Encapsulation("An Ethernet pseudowire over MPLS", 1) {
      ethernet(labels(2) + [0, 0, 0, 0] + ethernet($0, tags: [VLANTag(1)]), type: 0x8848)
    },
    Encapsulation("802.11", 105) { wireless($0) },
    Encapsulation("802.11 with QoS", 105) { wireless($0, kind: 0x88, further: [0, 0]) },
    Encapsulation("802.11 with QoS and HT control", 105) {
      wireless($0, kind: 0x88, flags: 0x81, further: [0, 0, 1, 2, 3, 4])
    },
    Encapsulation("802.11 between access points", 105) {
      wireless($0, flags: 0x03, further: [2, 2, 2, 2, 2, 2])
    },
    Encapsulation("Radiotap without fields", 127) { [0, 0, 8, 0, 0, 0, 0, 0] + wireless($0) },
    Encapsulation("Radiotap with time, flags and two words", 127) {
      [0, 0, 26, 0, 3, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 9, count: 8) + [0x10, 0]
        + wireless($0) + [1, 2, 3, 4]
    },
    Encapsulation("Radiotap with aligned data", 127) {
      [0, 0, 10, 0, 2, 0, 0, 0, 0x20, 0] + wireless($0, kind: 0x88, further: [0, 0, 0xee, 0xee])
    },
    Encapsulation("Prism", 119) { [UInt8](repeating: 1, count: 144) + wireless($0) },
    Encapsulation("AVS", 163) {
      [0x80, 0x21, 0x10, 1, 0, 0, 0, 64] + [UInt8](repeating: 0, count: 56) + wireless($0)
    },
    Encapsulation("PPI", 192) { [0, 0, 12, 0, 105, 0, 0, 0, 1, 2, 3, 4] + wireless($0) },
    Encapsulation("NFLOG, little-endian", 239) { netfilterLog($0, bigEndian: false) },
    Encapsulation("NFLOG, big-endian", 239) { netfilterLog($0, bigEndian: true) },
    Encapsulation("PFLOG", 117) { [61, 2] + [UInt8](repeating: 0, count: 62) + $0 },
    Encapsulation("ENC", 109) { [2, 0, 0, 0] + [UInt8](repeating: 0, count: 8) + $0 },
    Encapsulation("PKTAP", 258) {
      [20, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0] + [UInt8](repeating: 7, count: 8) + ethernet($0)
    },
  ]

  /// Tunnels, over Ethernet.
  public static let tunnels = [
    Encapsulation("IP in IPv4", 1) { ethernet(outer($0, protocol: isIPv6($0) ? 41 : 4)) },
    Encapsulation("IP in IPv6", 1) { ethernet(ipv6($0, nextHeader: isIPv6($0) ? 41 : 4)) },
    Encapsulation("IP in IPv6 after a routing header", 1) {
      ethernet(ipv6($0, nextHeader: isIPv6($0) ? 41 : 4, extensions: [.routing(units: 2)]))
    },
    Encapsulation("GRE", 1) {
      ethernet(outer([0, 0] + bigEndianBytes(etherType(of: $0)) + $0, protocol: 47))
    },
    Encapsulation("GRE with checksum, key and sequence", 1) {
      let header = [0xb0, 0] + bigEndianBytes(etherType(of: $0)) + [UInt8](repeating: 3, count: 12)
      return ethernet(outer(header + $0, protocol: 47))
    },
    Encapsulation("GRE with Ethernet", 1) {
      ethernet(outer([0, 0, 0x65, 0x58] + ethernet($0), protocol: 47))
    },
    Encapsulation("PPTP", 1) {
      let header = [0x30, 0x81, 0x88, 0x0b] + [UInt8](repeating: 1, count: 12)
      return ethernet(outer(header + ppp($0), protocol: 47))
    },
    Encapsulation("ERSPAN II", 1) {
      let header = [0x10, 0, 0x88, 0xbe] + [UInt8](repeating: 1, count: 12)
      return ethernet(outer(header + ethernet($0), protocol: 47))
    },
    Encapsulation("ERSPAN III", 1) {
      let header =
        [0x10, 0, 0x22, 0xeb] + [UInt8](repeating: 0, count: 15) + [1] + [UInt8](repeating: 1, count: 8)
      return ethernet(outer(header + ethernet($0), protocol: 47))
    },
    Encapsulation("VXLAN", 1) { ethernet(outer(udp(to: 4789, [8, 0, 0, 0, 0, 0, 7, 0] + ethernet($0)))) },
    Encapsulation("VXLAN on the old port, over IPv6, tagged", 1) {
      let inner = [8, 0, 0, 0, 0, 0, 7, 0] + ethernet($0, tags: [VLANTag(3)])
      return ethernet(ipv6(udp(to: 8472, inner), nextHeader: 17))
    },
    Encapsulation("VXLAN-GPE", 1) {
      ethernet(outer(udp(to: 4790, [0x0c, 0, 0, isIPv6($0) ? 2 : 1, 0, 0, 7, 0] + $0)))
    },
    Encapsulation("GENEVE with options", 1) {
      let header: [UInt8] = [2, 0, 0x65, 0x58, 0, 0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8]
      return ethernet(outer(udp(to: 6081, header + ethernet($0))))
    },
    Encapsulation("GENEVE with IP", 1) {
      ethernet(outer(udp(to: 6081, [0, 0] + bigEndianBytes(etherType(of: $0)) + [0, 0, 1, 0] + $0)))
    },
    Encapsulation("GTP-U", 1) { ethernet(outer(udp(to: 2152, gtp(flags: 0x30, [], $0)))) },
    Encapsulation("GTP-U with an extension header, back", 1) {
      ethernet(outer(udp(from: 2152, to: 9, gtp(flags: 0x36, [0, 1, 0, 0x85, 1, 0, 9, 0], $0))))
    },
    Encapsulation("VXLAN in GRE in IP in IP", 1) {
      let vxlan = outer(udp(to: 4789, [8, 0, 0, 0, 0, 0, 7, 0] + ethernet($0)))
      return ethernet(outer(outer([0, 0, 8, 0] + vxlan, protocol: 47), protocol: 4))
    },
  ]
}

/// A way to put IP packets into a capture other than one by one: in parts, or together.
public struct Partition: Sendable, CustomStringConvertible {
  /// What tests call it.
  public let description: String
  /// The LINKTYPE_ number for a file of such packets.
  public let linkType: Int32
  /// How many IP packets `wrap` takes at a time.
  public let together: Int
  /// Makes packets of a capture out of IP packets, and of a number that is another one each time.
  public let wrap: @Sendable (_ packets: [[UInt8]], _ number: Int) -> [[UInt8]]

  private init(
    _ description: String, _ linkType: Int32 = 1, together: Int = 1,
    _ wrap: @escaping @Sendable ([[UInt8]], Int) -> [[UInt8]]
  ) {
    (self.description, self.linkType, self.together, self.wrap) = (description, linkType, together, wrap)
  }

  /// All of them.
  public static let all = tunnels + wirelessParts

  /// Tunnels whose own packets came in fragments.
  public static let tunnels = [
    Partition("VXLAN in fragments") {
      outerFragments(udp(to: 4789, [8, 0, 0, 0, 0, 0, 7, 0] + ethernet($0[0])), 17, $1)
    },
    Partition("VXLAN in fragments of IPv6, the last one first") {
      let datagram = udp(to: 8472, [8, 0, 0, 0, 0, 0, 7, 0] + ethernet($0[0]))
      return ipv6Fragments(datagram, nextHeader: 17, identification: UInt32($1), cuts: [48]).reversed()
        .map { ethernet($0) }
    },
    Partition("GENEVE in fragments") {
      let header = [0, 0] + bigEndianBytes(etherType(of: $0[0])) + [0, 0, 1, 0]
      return outerFragments(udp(to: 6081, header + $0[0]), 17, $1)
    },
    Partition("GTP-U in fragments, from its port") {
      outerFragments(udp(from: 2152, to: 9, gtp(flags: 0x30, [], $0[0])), 17, $1)
    },
    Partition("GRE in fragments, after a tag") {
      outerFragments([0, 0] + bigEndianBytes(etherType(of: $0[0])) + $0[0], 47, $1, tags: [VLANTag(5)])
    },
    Partition("IP in IP in fragments") { outerFragments($0[0], isIPv6($0[0]) ? 41 : 4, $1) },
    Partition("Fragments in VXLAN in fragments in GRE in fragments") { packets, number in
      let inner = ipv4Fragments(
        Array(packets[0].dropFirst(20)), from: packets[0], identification: UInt16(number), cuts: [24])
      return inner.enumerated().flatMap { part, packet in
        let vxlan = udp(to: 4789, [8, 0, 0, 0, 0, 0, 7, 0] + ethernet(packet))
        let middle = ipv4Fragments(vxlan, protocol: 17, identification: UInt16(number * 2 + part), cuts: [40])
        return middle.enumerated().flatMap { piece, packet in
          outerFragments([0, 0, 8, 0] + packet, 47, number * 4 + part * 2 + piece)
        }
      }
    },
  ]

  /// Fragments and aggregates of 802.11.
  public static let wirelessParts = [
    Partition("Fragments of 802.11", 105) { wirelessFragments($0[0], $1) },
    Partition("Fragments of 802.11, one sent twice, with a check sequence", 127) {
      let frames = wirelessFragments($0[0], $1).map {
        [0, 0, 9, 0, 2, 0, 0, 0, 0x10] + $0 + [1, 2, 3, 4]
      }
      return [frames[0]] + frames
    },
    Partition("An A-MSDU", 105, together: 3) { packets, _ in [aggregate(packets)] },
    Partition("An A-MSDU of one, with aligned data and a check sequence", 127) { packets, _ in
      [[0, 0, 9, 0, 2, 0, 0, 0, 0x30] + aggregate(packets, padding: [0xee, 0xee]) + [1, 2, 3, 4]]
    },
  ]
}

private func outerFragments(
  _ payload: [UInt8], _ number: UInt8, _ identification: Int, tags: [VLANTag] = []
) -> [[UInt8]] {
  let cuts = stride(from: 40, to: payload.count, by: 40)
  return ipv4Fragments(
    from: "192.168.0.1", to: "192.168.0.2", payload, protocol: number,
    identification: UInt16(truncatingIfNeeded: identification), cuts: Array(cuts)
  ).map { ethernet($0, tags: tags) }
}

/// With the addresses of another packet.
private func ipv4Fragments(
  _ payload: [UInt8], from packet: [UInt8], identification: UInt16, cuts: [Int]
) -> [[UInt8]] {
  ipv4Fragments(payload, identification: identification, cuts: cuts).map {
    Array($0[..<12]) + packet[12..<20] + $0[20...]
  }
}

private func wirelessFragments(_ packet: [UInt8], _ number: Int) -> [[UInt8]] {
  let data = [0xaa, 0xaa, 3, 0, 0, 0] + bigEndianBytes(etherType(of: packet)) + packet
  let size = max(1, data.count / 3)
  let starts = Array(stride(from: 0, to: data.count, by: size))
  return starts.enumerated().map { index, start in
    let isLast = index == starts.count - 1
    let sequence = UInt16(number % 4096) << 4 | UInt16(index)
    let header = [0x08, isLast ? 0x01 : 0x05, 0, 0] + [UInt8](repeating: 2, count: 18)
    return header + bigEndianBytes(sequence).reversed() + data[start..<min(start + size, data.count)]
  }
}

private func aggregate(_ packets: [[UInt8]], padding: [UInt8] = []) -> [UInt8] {
  var frame = [0x88, 1, 0, 0] + [UInt8](repeating: 2, count: 18) + [0x10, 0x20, 0x80, 0] + padding
  for (index, packet) in packets.enumerated() {
    let data = [0xaa, 0xaa, 3, 0, 0, 0] + bigEndianBytes(etherType(of: packet)) + packet
    frame += [UInt8](repeating: 4, count: 12) + bigEndianBytes(UInt16(data.count)) + data
    if index < packets.count - 1 { frame += [UInt8](repeating: 0, count: -(14 + data.count) & 3) }
  }
  return frame
}

private func isIPv6(_ packet: [UInt8]) -> Bool { packet[0] >> 4 == 6 }

private func outer(_ payload: [UInt8], protocol number: UInt8 = 17) -> [UInt8] {
  ipv4(from: "192.168.0.1", to: "192.168.0.2", payload, protocol: number)
}

/// A UDP datagram without a checksum.
public func udp(from source: UInt16 = 50_000, to destination: UInt16, _ payload: [UInt8]) -> [UInt8] {
  bigEndianBytes(source) + bigEndianBytes(destination) + bigEndianBytes(UInt16(8 + payload.count)) + [0, 0]
    + payload
}

private func ppp(_ packet: [UInt8]) -> [UInt8] { [0, isIPv6(packet) ? 0x57 : 0x21] + packet }

private func pppoe(_ payload: [UInt8]) -> [UInt8] {
  [0x11, 0, 0, 5] + bigEndianBytes(UInt16(payload.count)) + payload
}

private func labels(_ count: Int) -> [UInt8] {
  (1...count).flatMap { [0, 1, $0 == count ? 0x11 : 0x10, 64] }
}

private func wireless(
  _ packet: [UInt8], kind: UInt8 = 0x08, flags: UInt8 = 0x01, further: [UInt8] = []
) -> [UInt8] {
  let header = [kind, flags, 0, 0] + [UInt8](repeating: 2, count: 18) + [0x10, 0x20] + further
  return header + [0xaa, 0xaa, 3, 0, 0, 0] + bigEndianBytes(etherType(of: packet)) + packet
}

private func netfilterLog(_ packet: [UInt8], bigEndian: Bool) -> [UInt8] {
  func field(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
    let header = [UInt16(4 + value.count), type].flatMap { bigEndianBytes(bigEndian ? $0 : $0.byteSwapped) }
    return header + value + [UInt8](repeating: 0, count: -value.count & 3)
  }
  return [2, 0, 0, 1] + field(1, [8, 0, 0, 0]) + field(10, Array("in\0".utf8)) + field(9, packet)
}

private func gtp(flags: UInt8, _ further: [UInt8], _ packet: [UInt8]) -> [UInt8] {
  [flags, 255] + bigEndianBytes(UInt16(further.count + packet.count)) + [0, 0, 0, 9] + further + packet
}
