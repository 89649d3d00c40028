/// Ports of UDP that carry other packets. https://www.iana.org/assignments/service-names-port-numbers
enum TunnelPort {
  static let gtpUser: UInt16 = 2152
  static let vxlan: UInt16 = 4789
  static let vxlanGPE: UInt16 = 4790
  static let geneve: UInt16 = 6081
  /// What Linux takes for VXLAN unless told otherwise.
  static let oldVXLAN: UInt16 = 8472
}
