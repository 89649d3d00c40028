/// Where a fragment's bytes belong.
struct FragmentPlace {
  let key: FragmentKey
  /// From the begin of the datagram, in bytes.
  let offset: Int
  let isLast: Bool
  /// The protocol of what begins at offset 0.
  let nextHeader: UInt8
}
