/// Sequence numbers are compared in a circle (RFC 9293 §3.4): the sign of the difference says which is first.
@inline(__always)
func sequenceDistance(_ a: UInt32, from b: UInt32) -> Int { Int(Int32(bitPattern: a &- b)) }

/// One direction of a connection: what has been delivered, and what waits behind a hole.
struct HalfStream {
  /// The sequence number of the next byte to deliver.
  var next: UInt32 = 0
  /// The sequence number of the SYN; of one that was not seen, what the first packet lets expect: the number
  /// before its own, or before what the other side acknowledged.
  var initial: UInt32 = 0
  /// The highest acknowledgment number that the receiver of this direction sent.
  var acknowledged: UInt32 = 0
  /// The sequence number of the FIN.
  var finSequence: UInt32 = 0
  /// Bytes delivered or lost: the stream offset of `next`.
  var offset: UInt64 = 0
  /// Segments, or a FIN, that arrived before their turn; nil nearly always.
  var pending: PendingSegments?

  /// `next` is known: a SYN or a first segment was seen.
  var isKnown = false
  /// `initial` is known.
  var isNumbered = false
  var sawSyn = false
  var sawFin = false
  /// The FIN's turn has come: nothing follows.
  var isFinished = false
  var isAcknowledged = false

  /// Bytes that the receiver confirmed and that are not in the stream so far.
  var acknowledgedAhead: Int {
    guard isAcknowledged, isKnown else { return 0 }
    // The FIN takes a sequence number too. One whose packet was lost cannot be told from a byte, so that a
    // single one is taken for a FIN.
    let ahead = sequenceDistance(acknowledged, from: next)
    return sawFin ? min(ahead, sequenceDistance(finSequence, from: next)) : ahead == 1 ? 0 : ahead
  }

  /// Stream offset up to which the receiver confirmed bytes.
  var acknowledgedOffset: UInt64 { offset &+ UInt64(max(0, acknowledgedAhead)) }

  /// The stream offset of a sequence number within 2 GiB of the next byte, 0 for one before the first byte; nil while no
  /// number of the stream is known.
  @inline(__always)
  func offset(of sequence: UInt32) -> UInt64? {
    guard isKnown else { return nil }
    let offset = Int64(bitPattern: offset) &+ Int64(sequenceDistance(sequence, from: next))
    return UInt64(max(0, offset))
  }

  /// Stream offset of the FIN, unless its turn has come.
  var finOffset: UInt64? {
    guard sawFin, !isFinished else { return nil }
    return offset &+ UInt64(max(0, sequenceDistance(finSequence, from: next)))
  }

  /// So far ahead of what was acknowledged that it cannot belong to the stream.
  func isOutOfWindow(_ sequence: UInt32) -> Bool {
    isAcknowledged && sequenceDistance(sequence, from: next) > 16 << 20
      && sequenceDistance(sequence, from: acknowledged) > 16 << 20
  }

  /// Where an honest RST stands: behind the last byte or the FIN, or at what the receiver asked for.
  func isPlaceOfReset(_ sequence: UInt32) -> Bool {
    guard isKnown else { return true }
    let ahead = sequenceDistance(sequence, from: next)
    if isAcknowledged {
      let low = min(0, sequenceDistance(acknowledged, from: next))
      let high = max(0, sequenceDistance(acknowledged, from: next))
      if (low...high).contains(ahead) { return true }
    }
    if sawFin, sequence == finSequence || sequence == finSequence &+ 1 { return true }
    let waiting = pending?.lastEnd.map { Int(clamping: $0 &- offset) }
    return ahead == 0 || ahead == waiting
  }

  mutating func begin(at sequence: UInt32) {
    next = sequence
    isKnown = true
  }

  mutating func number(_ sequence: UInt32) {
    initial = sequence
    isNumbered = true
  }

  mutating func advance(_ count: Int) {
    next = next &+ UInt32(truncatingIfNeeded: count)
    offset &+= UInt64(count)
  }
}
