/// The datagram that a fragment belongs to (RFC 791 §3.2, RFC 8200 §4.5).
struct FragmentKey: Equatable {
  let source: IPAddress
  let destination: IPAddress
  let identification: UInt32
  let isIPv6: Bool
  /// The protocol; 0 in IPv6, where fragments of one datagram may name different ones.
  let number: UInt8
}
