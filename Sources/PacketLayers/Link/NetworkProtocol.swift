/// What a link header says comes next.
enum NetworkProtocol {
  case ipv4
  case ipv6
  /// Nothing said so: the packet's own version field decides.
  case ipByVersion
  /// Decoded fine, and no IP.
  case other
  /// A frame of 802.11 that is a part of another, or holds several: `extent` begins with its header.
  case wireless
  /// The same, with bytes behind its header that align the data.
  case wirelessPadded
  /// The capture ends within the link header.
  case truncated
}
