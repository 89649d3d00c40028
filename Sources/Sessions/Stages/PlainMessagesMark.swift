import TCPReassembly

extension PayloadMark {
  /// Nothing but whole messages (`SegmentPrescan`), as far as the payload itself can tell.
  @inlinable package static var plainMessages: PayloadMark { PayloadMark(1) }
}
