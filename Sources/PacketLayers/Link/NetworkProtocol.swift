/// What comes next according to a link header.
enum NetworkProtocol {
  case ipv4
  case ipv6
  /// IP; its version field says which.
  case ipByVersion
  /// Decoded without fault, and not IP.
  case other
  /// An 802.11 frame that is a fragment or holds several packets; `extent` begins with its header.
  case wireless
  /// The same, with padding after the header that aligns the data.
  case wirelessPadded
  /// The capture ends within the link header.
  case truncated
}
