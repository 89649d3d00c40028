/// EtherTypes that are read. https://www.iana.org/assignments/ieee-802-numbers
enum EtherType {
  static let ipv4: UInt16 = 0x0800
  static let ipv6: UInt16 = 0x86dd
  /// Customer tag, IEEE 802.1Q.
  static let customerTag: UInt16 = 0x8100
  /// Service tag of stacked tags, IEEE 802.1ad.
  static let serviceTag: UInt16 = 0x88a8
  /// What switches used for stacked tags before 802.1ad.
  static let oldServiceTag: UInt16 = 0x9100
  /// Multiprotocol label switching (RFC 5332).
  static let mpls: UInt16 = 0x8847
  /// The same, multicast or with labels of the upstream's choice.
  static let mplsMulticast: UInt16 = 0x8848
  /// PPP over Ethernet, session stage (RFC 2516 §4).
  static let pppoeSession: UInt16 = 0x8864
  /// An Ethernet frame, within GRE and GENEVE (RFC 7637 §3.2).
  static let transparentEthernet: UInt16 = 0x6558
  /// PPP within GRE (RFC 2637 §4.1), and of Cisco's HDLC.
  static let ppp: UInt16 = 0x880b
  /// IEEE 802.3 §3.2.6: up to here the field is not a type but the length of an LLC frame.
  static let longestLength: UInt16 = 1500
}
