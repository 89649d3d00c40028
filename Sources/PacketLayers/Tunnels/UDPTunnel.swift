import WireBytes

/// Tunnels over UDP, told by a port and by a header that looks like the tunnel's own.
enum UDPTunnel {
  case vxlan
  case vxlanGPE
  case geneve
  case gtp

  /// Ports of https://www.iana.org/assignments/service-names-port-numbers.
  private enum Port {
    static let gtpUser: UInt16 = 2152
    static let vxlan: UInt16 = 4789
    static let vxlanGPE: UInt16 = 4790
    static let geneve: UInt16 = 6081
    /// Linux's default port for VXLAN, from before one was assigned.
    static let oldVXLAN: UInt16 = 8472
  }

  /// The tunnel that uses these ports; nil when none does. The destination port identifies it, because the source port
  /// can be any. Only GTP also answers from its port.
  init?(from source: UInt16, to destination: UInt16) {
    switch destination {
    case Port.vxlan, Port.oldVXLAN: self = .vxlan
    case Port.vxlanGPE: self = .vxlanGPE
    case Port.geneve: self = .geneve
    case Port.gtpUser: self = .gtp
    default:
      guard source == Port.gtpUser else { return nil }
      self = .gtp
    }
  }

  /// Whether a datagram that begins with these bytes uses a tunnel's ports.
  static func isUsed(by datagram: Span<UInt8>) -> Bool {
    datagram.count >= 4 && UDPTunnel(from: datagram.uint16(at: 0), to: datagram.uint16(at: 2)) != nil
  }

  /// Moves `extent` past the tunnel's header; nil, without moving, when the header is not one of this tunnel.
  func strip(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol? {
    switch self {
    case .vxlan: stripVXLAN(from: packet, &extent)
    case .vxlanGPE: stripVXLANGPE(from: packet, &extent)
    case .geneve: stripGENEVE(from: packet, &extent)
    case .gtp: stripGTP(from: packet, &extent)
    }
  }
}
