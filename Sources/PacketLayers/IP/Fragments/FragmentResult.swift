/// What the `FragmentTable` did with a fragment.
enum FragmentResult {
  /// Other fragments of its datagram are missing.
  case held
  /// It completed its datagram, which begins with `nextHeader`.
  case joined([UInt8], nextHeader: UInt8)
  case refused(UndecodableReason)
}
