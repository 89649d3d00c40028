/// What is known about the gaps of a direction when one of its connection's segments came.
struct GapEvidence: Equatable {
  /// Stream offset of what is known after the first gap: a byte, or the FIN.
  var firstKnown: UInt64
  /// Stream offset before which the receiver has everything; of a one-sided capture, before which everything was sent.
  var provenBefore: UInt64
  /// Nothing of the receiver is in the capture: the only proof is that the sender goes on.
  var isOneSided: Bool
}
