/// Why a packet could not be decoded. Raw values count from 0 without gaps, so they can index an array of
/// `allCases.count` counters.
public enum UndecodableReason: UInt8, Error, Hashable, CaseIterable {
  /// The capture ends within the link header.
  case truncatedLinkHeader
  /// The capture or the IP length ends within the IP header.
  case truncatedIPHeader
  /// The IP version is not the one that the link header announced, or is neither 4 nor 6.
  case badIPVersion
  /// An IPv4 header length below 20 bytes.
  case badIPHeaderLength
  /// An IPv4 total length below the header length.
  case badIPTotalLength
  /// The capture or the payload length ends within an IPv6 extension header.
  case truncatedExtensionHeader
  /// A fragment whose end was not captured, so that its datagram cannot be joined.
  case truncatedFragment
  /// An empty fragment, or one that is not the last and whose length is not a multiple of 8 (RFC 8200 §4.5).
  case badFragmentLength
  /// A fragment that ends past 65,535 bytes.
  case fragmentBeyondLimit
  /// A fragment that contradicts an earlier one about where the datagram ends.
  case fragmentEndMismatch
  /// A joined datagram that is itself a fragment.
  case nestedFragment
  /// The capture or the IP length ends within the first 20 bytes of the TCP header.
  case truncatedTCPHeader
  /// The capture or the enclosing packet ends within the header of a tunnel.
  case truncatedTunnelHeader
  /// More than 8 packets nested in one another.
  case tooManyTunnels
  /// The packet was captured on an interface whose link type is not supported.
  case unsupportedLinkType
  /// A TCP data offset below 20 bytes, or past the end of the IP datagram.
  case badTCPDataOffset

  /// The name in reports, such as `bad_ip_version`.
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
