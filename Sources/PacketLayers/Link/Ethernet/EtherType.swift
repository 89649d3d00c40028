/// EtherTypes that are decoded. https://www.iana.org/assignments/ieee-802-numbers
enum EtherType {
  static let ipv4: UInt16 = 0x0800
  static let ipv6: UInt16 = 0x86dd
  /// Customer tag, IEEE 802.1Q.
  static let customerTag: UInt16 = 0x8100
  /// Service tag of stacked tags, IEEE 802.1ad.
  static let serviceTag: UInt16 = 0x88a8
  /// What switches used for stacked tags before IEEE 802.1ad.
  static let oldServiceTag: UInt16 = 0x9100
  /// Multiprotocol label switching (RFC 5332).
  static let mpls: UInt16 = 0x8847
  /// MPLS, multicast or with upstream-assigned labels.
  static let mplsMulticast: UInt16 = 0x8848
  /// PPP over Ethernet, session stage (RFC 2516 §4).
  static let pppoeSession: UInt16 = 0x8864
  /// An Ethernet frame within GRE or GENEVE (RFC 7637 §3.2).
  static let transparentEthernet: UInt16 = 0x6558
  /// PPP within GRE (RFC 2637 §4.1) or Cisco HDLC.
  static let ppp: UInt16 = 0x880b
  /// IEEE 802.3 §3.2.6: up to this value the field is not a type but the length of an LLC frame.
  static let longestLength: UInt16 = 1500
}
