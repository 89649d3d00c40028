import WireBytes

/// Moves `extent` past what comes between a link header and IP: tags, labels, PPP, another Ethernet header, in any
/// order and number. To support another encapsulation, add a case. Each step takes bytes, so the walk ends.
@inline(never)
func walkEncapsulations(
  from etherType: UInt16, _ packet: Span<UInt8>, _ extent: inout Extent
) -> NetworkProtocol {
  var etherType = etherType
  while true {
    let start = extent.start
    switch etherType {
    case EtherType.ipv4: return .ipv4
    case EtherType.ipv6: return .ipv6
    case EtherType.customerTag, EtherType.serviceTag, EtherType.oldServiceTag:
      // 2 bytes of priority and VLAN id, then the type of what is tagged.
      guard extent.skip(4) else { return .truncated }
      etherType = packet.uint16(at: start + 2)
    case EtherType.transparentEthernet:
      guard extent.skip(14) else { return .truncated }
      etherType = packet.uint16(at: start + 12)
    case EtherType.mpls, EtherType.mplsMulticast:
      switch stripLabels(from: packet, &extent) {
      case .ethernet: etherType = EtherType.transparentEthernet
      case .network(let network): return network
      }
    case EtherType.pppoeSession:
      guard extent.skip(6) else { return .truncated }
      // RFC 2516 §4: version 1, type 1, code 0 for a session's data.
      guard packet.uint16(at: start) == 0x1100 else { return .other }
      extent.limit(to: Int(packet.uint16(at: start + 4)))
      etherType = EtherType.ppp
    case EtherType.ppp:
      switch stripPPP(from: packet, &extent) {
      case .labels: etherType = EtherType.mpls
      case .network(let network): return network
      }
    case ...EtherType.longestLength:
      extent.limit(to: Int(etherType))
      switch stripLLC(from: packet, &extent) {
      case .etherType(let inner) where inner > EtherType.longestLength: etherType = inner
      case .etherType: return .other
      case .network(let network): return network
      }
    default: return .other
    }
  }
}
