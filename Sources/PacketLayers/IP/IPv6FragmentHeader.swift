import WireBytes

/// RFC 8200 §4.5.
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------+---------------+-------------------------+---+-+
/// |  next header  |   reserved    |     fragment offset     |res|M|
/// +---------------+---------------+-------------------------+---+-+
/// |                        identification                         |
/// +---------------------------------------------------------------+
/// ```
struct IPv6FragmentHeader {
  let nextHeader: UInt8
  /// In bytes.
  let offset: Int
  let isLast: Bool
  let identification: UInt32

  init(_ packet: Span<UInt8>, at start: Int) {
    nextHeader = packet[start]
    let field = packet.uint16(at: start + 2)
    // The offset counts units of 8 bytes and is shifted left by 3 bits: with the other bits masked it is in bytes.
    offset = Int(field & 0xfff8)
    isLast = field & 1 == 0
    identification = packet.uint32(at: start + 4)
  }

  /// Whether it is an atomic fragment (RFC 6946): a fragment header on a datagram that was not fragmented.
  var isAtomic: Bool { offset == 0 && isLast }
}
