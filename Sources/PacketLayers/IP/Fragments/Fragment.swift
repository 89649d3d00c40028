/// A part of an IP datagram, and where in the datagram it belongs.
struct Fragment {
  let key: FragmentKey
  /// From the start of the datagram, in bytes.
  let offset: Int
  let isLast: Bool
  /// The protocol of what begins at offset 0.
  let nextHeader: UInt8
  /// The fragment's bytes within its packet.
  let bytes: Extent
  /// Whether all of them were captured.
  let isWhole: Bool
}
