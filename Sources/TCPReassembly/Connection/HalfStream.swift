import WireBytes

/// One direction of a connection: where its stream is, and what waits after a gap in it.
///
/// Invariant: `next` is the sequence number of the byte at `offset`. Everything before it was delivered or reported lost, and
/// everything that waits in `pending` follows it.
struct HalfStream {
  /// The sequence number of the next byte to deliver.
  private(set) var next: UInt32 = 0
  /// The sequence number of the SYN. Of a SYN that was not captured, what the first packet suggests: the number
  /// before its own, or before what the other side acknowledged.
  private(set) var initialSequence: UInt32 = 0
  /// The highest acknowledgment number that the receiver of this direction sent.
  private(set) var acknowledged: UInt32 = 0
  /// The sequence number of the FIN.
  private(set) var finSequence: UInt32 = 0
  /// Bytes delivered or lost: the stream offset of `next`.
  private(set) var offset: UInt64 = 0
  /// Segments, or a FIN, that arrived before their turn; nil nearly always.
  var pending: SegmentBuffer?

  /// Whether `next` is known: a SYN or a first segment was seen.
  private(set) var isSynchronized = false
  /// Whether `initialSequence` is known.
  private(set) var hasInitialSequence = false
  var sawSyn = false
  private(set) var sawFin = false
  /// The FIN's turn has come: nothing follows.
  private(set) var isFinished = false
  /// Whether `acknowledged` is known.
  private(set) var isAcknowledged = false

  // MARK: Where the stream begins

  /// The stream begins with the byte that has this sequence number.
  mutating func synchronize(at sequence: UInt32) {
    next = sequence
    isSynchronized = true
  }

  /// The SYN has, or most likely had, this sequence number.
  mutating func setInitialSequence(_ sequence: UInt32) {
    initialSequence = sequence
    hasInitialSequence = true
  }

  /// Where a stream begins whose SYN was not captured, and whose first captured segment is this one: with it, or with what
  /// either side said before about where the stream is, if that is near. The first segments may be out of order.
  func start(firstSegmentAt sequence: UInt32, length: Int) -> UInt32 {
    var (start, nearest) = (sequence, Self.farthestStart)
    if hasInitialSequence {
      let distance = sequenceDistance(sequence, from: initialSequence &+ 1)
      // Not one byte: the packet before was a keep-alive probe then.
      if distance == 0 || distance > 1 && distance < nearest {
        (start, nearest) = (initialSequence &+ 1, distance)
      }
    }
    if isAcknowledged {
      let distance = sequenceDistance(sequence, from: acknowledged)
      if distance > 0 && distance < nearest { start = acknowledged }
      // A keep-alive probe repeats the last byte, or has another one in its place (RFC 9293 §3.8.4).
      if distance == -1 && length == 1 { start = acknowledged }
    }
    return start
  }

  /// A number that is so far before the first captured segment, or further, says nothing of where its stream begins.
  private static let farthestStart = 1 << 20

  // MARK: How far it is

  mutating func advance(_ count: Int) {
    next = next &+ UInt32(truncatingIfNeeded: count)
    offset &+= UInt64(count)
  }

  /// Nobody asks for the bytes before this sequence number any more.
  mutating func skip(to sequence: UInt32) {
    if sequenceDistance(sequence, from: next) > 0 { next = sequence }
  }

  /// The receiver acknowledged everything before this sequence number.
  @inline(__always)
  mutating func acknowledge(_ number: UInt32) {
    guard !isAcknowledged || sequenceDistance(number, from: acknowledged) > 0 else { return }
    acknowledged = number
    isAcknowledged = true
  }

  /// Bytes that the receiver acknowledged and that are not in the stream so far; negative when it has not acknowledged all
  /// that is.
  var acknowledgedAhead: Int {
    guard isAcknowledged, isSynchronized else { return 0 }
    // The FIN takes a sequence number too. One whose packet was lost cannot be told from a byte, so that a
    // single one is taken for a FIN.
    let ahead = sequenceDistance(acknowledged, from: next)
    return sawFin ? min(ahead, sequenceDistance(finSequence, from: next)) : ahead == 1 ? 0 : ahead
  }

  /// Stream offset up to which the receiver has the stream, at least `offset`.
  var acknowledgedOffset: UInt64 { offset &+ UInt64(max(0, acknowledgedAhead)) }

  /// Stream offset up to which the receiver has what was delivered, at most `offset`.
  var acknowledgedOfDelivered: UInt64 { offset &- min(offset, UInt64(max(0, -acknowledgedAhead))) }

  /// The stream offset of a sequence number within 2 GiB of the next byte, 0 for one before the first byte; nil while no
  /// number of the stream is known.
  @inline(__always)
  func offset(of sequence: UInt32) -> UInt64? {
    guard isSynchronized else { return nil }
    let offset = Int64(bitPattern: offset) &+ Int64(sequenceDistance(sequence, from: next))
    return UInt64(max(0, offset))
  }

  /// Whether nothing is missing before an offset that the receiver acknowledged; nil where none is known. A single byte may
  /// be the FIN.
  @inline(__always)
  func hasDelivered(_ acknowledged: UInt64?) -> Bool { acknowledged ?? 0 <= offset &+ 1 }

  /// Whether a sequence number is so far after what was acknowledged that it cannot belong to the stream.
  func isOutOfWindow(_ sequence: UInt32) -> Bool {
    isAcknowledged && sequenceDistance(sequence, from: next) > Self.largestWindow
      && sequenceDistance(sequence, from: acknowledged) > Self.largestWindow
  }

  /// More than a sender may have on its way in practice; RFC 7323 §2.3 would allow 1 GiB.
  static let largestWindow = 16 << 20

  /// What was acknowledged this far ahead, or further, is not of this stream: RFC 7323 §2.3 allows no larger window.
  static let farthestAcknowledgment = 1 << 30

  // MARK: Gaps

  /// Stream offset of what is known after the first gap: a byte, or the FIN. Nil when nothing waits.
  var firstPending: UInt64? {
    guard let pending else { return nil }
    return pending.firstOffset ?? finOffset
  }

  /// What is known about the gaps; nil without gaps. `provenBefore` is what the receiver had acknowledged, as an
  /// offset, when that was asked before anything was given up.
  func gapEvidence(acknowledged: UInt64) -> GapEvidence? {
    guard let pending, let first = firstPending else { return nil }
    return GapEvidence(
      firstKnown: first, provenBefore: isAcknowledged ? acknowledged : pending.lastEnd ?? first,
      isOneSided: !isAcknowledged)
  }

  // MARK: How it ends

  /// Stream offset of the FIN, unless its turn has come.
  var finOffset: UInt64? {
    guard sawFin, !isFinished else { return nil }
    return offset &+ UInt64(max(0, sequenceDistance(finSequence, from: next)))
  }

  /// Whether a FIN may have this sequence number: not before bytes that are known, and not far after all that was
  /// acknowledged.
  func isPlaceOfFin(_ sequence: UInt32) -> Bool {
    let ahead = sequenceDistance(sequence, from: next)
    return ahead >= 0 && offset &+ UInt64(ahead) >= pending?.lastEnd ?? 0 && !isOutOfWindow(sequence)
  }

  /// The FIN came. It waits for the bytes before it, as bytes after a gap do.
  mutating func takeFin(_ sequence: UInt32, in packet: UInt64, at time: CaptureTime) {
    sawFin = true
    finSequence = sequence
    if sequence != next && pending == nil { pending = SegmentBuffer() }
    pending?.fin = (packet, time)
  }

  /// The FIN came, and nobody waits for the bytes before it.
  mutating func takeIgnoredFin() { sawFin = true }

  /// Whether the FIN's turn has come and that was not said so far. Where the bytes are ignored, none are waited for.
  func isComplete(isIgnored: Bool) -> Bool { sawFin && !isFinished && (isIgnored || next == finSequence) }

  /// The FIN's turn has come: nothing follows, and nothing waits.
  mutating func finish() {
    isFinished = true
    pending = nil
  }

  /// Whether a RST with this sequence number is nowhere near the window (RFC 9293 §3.10.7.4). RSTs in answer to a lost
  /// segment come a little before it, those of a busy sender after what was captured.
  func isFarFromReset(_ sequence: UInt32) -> Bool {
    isSynchronized && !Self.isNear(sequenceDistance(sequence, from: next))
  }

  /// Whether bytes this far from `next` may belong to the stream where packets are missing.
  static func isNear(_ distance: Int) -> Bool { (-65_536...largestWindow).contains(distance) }

  /// Where an honest RST is: after the last byte or the FIN, or at what the receiver asked for.
  func isPlaceOfReset(_ sequence: UInt32) -> Bool {
    guard isSynchronized else { return true }
    let ahead = sequenceDistance(sequence, from: next)
    if isAcknowledged {
      let asked = sequenceDistance(acknowledged, from: next)
      if (min(0, asked)...max(0, asked)).contains(ahead) { return true }
    }
    if sawFin, sequence == finSequence || sequence == finSequence &+ 1 { return true }
    let waiting = pending?.lastEnd.map { Int(clamping: $0 &- offset) }
    return ahead == 0 || ahead == waiting
  }
}
