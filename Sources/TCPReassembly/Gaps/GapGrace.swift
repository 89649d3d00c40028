import WireBytes

/// How long a gap may still be filled after it is proven that its bytes passed by: the receiver acknowledged bytes after
/// it, so it got those in the gap as well. They passed by uncaptured, or are still to come in a capture that is a little
/// out of order.
struct GapGrace: Equatable {
  private struct Proof: Equatable {
    /// Every gap before this stream offset is proven. Gaps that are proven later have their own grace, all together:
    /// if each one waited for the one before it, a lossy capture would fall further and further behind.
    var offset: UInt64
    /// When it was seen.
    var time: CaptureTime
    /// Segments of the connection since then, including the one that proved it.
    var segments = 0
    var isOneSided: Bool
  }

  private var proof: Proof?

  /// Counts a segment of the connection. Returns the stream offset before which every gap counts as lost; nil unless a
  /// grace ends with this segment.
  mutating func judge(_ evidence: GapEvidence, at time: CaptureTime, _ limits: ReassemblyLimits) -> UInt64? {
    // A gap after the proof is not the one that was proven: that one was filled.
    if let proof, proof.offset < evidence.firstKnown || proof.isOneSided != evidence.isOneSided {
      self.proof = nil
    }
    if proof == nil { restart(evidence, at: time) }
    guard var proof else { return nil }
    proof.segments += 1
    let (segments, duration) = Self.grace(isOneSided: proof.isOneSided, limits)
    guard proof.segments > segments || time.nanoseconds(since: proof.time) > duration else {
      self.proof = proof
      return nil
    }
    self.proof = nil
    return proof.offset
  }

  /// The grace of the first gap begins anew, unless there is no proof that its bytes passed by.
  mutating func restart(_ evidence: GapEvidence, at time: CaptureTime) {
    proof =
      evidence.provenBefore >= evidence.firstKnown
      ? Proof(offset: evidence.provenBefore, time: time, isOneSided: evidence.isOneSided) : nil
  }

  /// A sender that hears of no loss goes on for a round trip, or until its timer runs out, before it repeats the bytes.
  private static func grace(isOneSided: Bool, _ limits: ReassemblyLimits) -> (segments: Int, time: Int64) {
    isOneSided
      ? (limits.segmentsOfGraceOneSided, limits.timeOfGraceOneSided)
      : (limits.segmentsOfGrace, limits.timeOfGrace)
  }
}
