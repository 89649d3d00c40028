enum FragmentResult {
  case held
  case joined(nextHeader: UInt8)
  case refused(UndecodableReason)
}
