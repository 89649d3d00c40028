/// Why a packet could not be decoded. The raw value counts from 0 without holes: an index into an array of
/// `allCases.count` counters.
public enum UndecodableReason: UInt8, Hashable, Sendable, CaseIterable {
  /// The capture ends within the link header.
  case truncatedLinkHeader
  /// The capture or the IP length ends within the IP header.
  case truncatedIPHeader
  /// The version field is not the one that the link header named, or is neither 4 nor 6.
  case badIPVersion
  /// An IPv4 header length below 20 bytes.
  case badIPHeaderLength
  /// An IPv4 total length below the header's own.
  case badIPTotalLength
  /// The capture or the payload length ends within an IPv6 extension header.
  case truncatedExtensionHeader
  /// A fragment whose end is not in the capture: the datagram cannot be joined.
  case truncatedFragment
  /// An empty fragment, or one in the middle whose length is no multiple of 8 (RFC 8200 §4.5).
  case badFragmentLength
  /// A fragment that ends past 65,535 bytes.
  case fragmentBeyondLimit
  /// A fragment that contradicts an earlier one about where the datagram ends.
  case fragmentEndMismatch
  /// A joined datagram that is a fragment again.
  case nestedFragment
  /// The capture or the IP length ends within the first 20 bytes of the TCP header.
  case truncatedTCPHeader
  /// The capture or the packet around it ends within the header of a tunnel.
  case truncatedTunnelHeader
  /// More than 8 packets one in the other.
  case tooManyTunnels
  /// The packet came by an interface whose link type is not supported.
  case unsupportedLinkType
  /// A TCP data offset below 20 bytes, or past the end of the IP datagram.
  case badTCPDataOffset

  /// The name in reports.
  public var name: String {
    switch self {
    case .truncatedLinkHeader: "truncated_link_header"
    case .truncatedIPHeader: "truncated_ip_header"
    case .badIPVersion: "bad_ip_version"
    case .badIPHeaderLength: "bad_ip_header_length"
    case .badIPTotalLength: "bad_ip_total_length"
    case .truncatedExtensionHeader: "truncated_extension_header"
    case .truncatedFragment: "truncated_fragment"
    case .badFragmentLength: "bad_fragment_length"
    case .fragmentBeyondLimit: "fragment_beyond_limit"
    case .fragmentEndMismatch: "fragment_end_mismatch"
    case .nestedFragment: "nested_fragment"
    case .truncatedTCPHeader: "truncated_tcp_header"
    case .truncatedTunnelHeader: "truncated_tunnel_header"
    case .tooManyTunnels: "too_many_tunnels"
    case .unsupportedLinkType: "unsupported_link_type"
    case .badTCPDataOffset: "bad_tcp_data_offset"
    }
  }
}
