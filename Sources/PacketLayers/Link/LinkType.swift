/// A kind of link header, as capture files number it (LINKTYPE_…) and as libpcap does (DLT_…).
/// https://www.tcpdump.org/linktypes.html
struct LinkType {
  let number: Int32
  let name: String
  /// Nil when only the name is known.
  let framing: LinkFraming?

  private init(_ number: Int32, _ name: String, _ framing: LinkFraming? = nil) {
    self.number = number
    self.name = name
    self.framing = framing
  }

  /// The link header of packets of a type; nil when wstap cannot decode it. Packets of different interfaces may
  /// alternate, so this is a mere array access.
  static func framing(of number: Int32) -> LinkFraming? {
    framings.indices.contains(Int(number)) ? framings[Int(number)] : nil
  }

  private static let framings: [LinkFraming?] = {
    var framings = [LinkFraming?](repeating: nil, count: 1 + Int(known.map(\.number).max() ?? 0))
    for type in known { framings[Int(type.number)] = type.framing }
    return framings
  }()

  static func numbered(_ number: Int32) -> LinkType? { known.first { $0.number == number } }

  /// One table for the types that are decoded and those that are only named in the error.
  static let known: [LinkType] = [
    LinkType(0, "NULL", .loopback),
    LinkType(1, "EN10MB", .ethernet),
    LinkType(12, "RAW", .rawIP),  // DLT_RAW everywhere but on OpenBSD
    LinkType(14, "RAW", .rawIP),  // DLT_RAW on OpenBSD
    LinkType(101, "RAW", .rawIP),  // LINKTYPE_RAW, as in files
    LinkType(108, "LOOP", .loopback),
    LinkType(113, "LINUX_SLL", .linuxCooked),
    LinkType(9, "PPP", .ppp),
    LinkType(50, "PPP_SERIAL", .ppp),
    LinkType(51, "PPP_ETHER", .pppoe),
    LinkType(104, "C_HDLC", .ciscoHDLC),
    LinkType(105, "IEEE802_11", .wireless),
    LinkType(109, "ENC", .encapsulating),
    LinkType(117, "PFLOG", .packetFilterLog),
    LinkType(119, "PRISM_HEADER", .prism),
    LinkType(127, "IEEE802_11_RADIO", .radiotap),
    LinkType(149, "PKTAP", .packetTap),  // macOS's DLT_USER2, as its tcpdump writes it
    LinkType(163, "IEEE802_11_RADIO_AVS", .avs),
    LinkType(166, "PPP_PPPD", .pppWithDirection),
    LinkType(192, "PPI", .perPacketInformation),
    LinkType(204, "PPP_WITH_DIR", .pppWithDirection),
    LinkType(219, "MPLS", .labels),
    LinkType(228, "IPV4", .ipv4),
    LinkType(229, "IPV6", .ipv6),
    LinkType(239, "NFLOG", .netfilterLog),
    LinkType(258, "PKTAP", .packetTap),
    LinkType(276, "LINUX_SLL2", .linuxCooked2),

    LinkType(6, "IEEE802"), LinkType(7, "ARCNET"), LinkType(8, "SLIP"),
    LinkType(10, "FDDI"), LinkType(11, "ATM_RFC1483"),
    LinkType(100, "ATM_RFC1483"),
    LinkType(107, "FRELAY"),
    LinkType(122, "IP_OVER_FC"),
    LinkType(143, "DOCSIS"), LinkType(147, "USER0"),
    LinkType(178, "JUNIPER_ETHER"),
    LinkType(187, "BLUETOOTH_HCI_H4"), LinkType(189, "USB_LINUX"),
    LinkType(195, "IEEE802_15_4_WITHFCS"), LinkType(197, "ERF"),
    LinkType(201, "BLUETOOTH_HCI_H4_WITH_PHDR"),
    LinkType(220, "USB_LINUX_MMAPPED"), LinkType(226, "IPNET"), LinkType(227, "CAN_SOCKETCAN"),
    LinkType(230, "IEEE802_15_4_NOFCS"), LinkType(231, "DBUS"),
    LinkType(240, "NETANALYZER"), LinkType(242, "IPOIB"), LinkType(243, "MPEG_2_TS"),
    LinkType(247, "INFINIBAND"), LinkType(248, "SCTP"), LinkType(249, "USBPCAP"),
    LinkType(251, "BLUETOOTH_LE_LL"), LinkType(252, "WIRESHARK_UPPER_PDU"), LinkType(253, "NETLINK"),
    LinkType(254, "BLUETOOTH_LINUX_MONITOR"), LinkType(256, "BLUETOOTH_LE_LL_WITH_PHDR"),
    LinkType(266, "USB_DARWIN"), LinkType(271, "VSOCK"),
    LinkType(272, "NORDIC_BLE"), LinkType(274, "ETHERNET_MPACKET"), LinkType(281, "DSA_TAG_BRCM"),
    LinkType(284, "DSA_TAG_DSA"), LinkType(285, "DSA_TAG_EDSA"),
  ]
}
