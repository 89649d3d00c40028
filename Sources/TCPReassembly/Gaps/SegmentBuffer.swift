import DequeModule
import WireBytes

/// Segments after a gap, in stream order and without overlap: of bytes that came twice the first copy stays.
///
/// An object, so that a direction in which nothing waits, as in nearly all, has a pointer and no more.
final class SegmentBuffer {
  /// Where the segments belong; `segments` has the bytes, at the same indices.
  private(set) var assembler = SegmentAssembler()
  private var segments = Deque<PendingSegment>()
  /// Bytes held, with what each segment costs beside its payload: one-byte segments count too.
  private(set) var charge = 0
  /// How long the gaps may still be filled.
  var grace = GapGrace()
  /// The packet of a FIN that waits for the bytes before it, and when that was captured.
  var fin: (packet: UInt64, time: CaptureTime)?

  static let chargePerSegment = 96

  /// Stream offset of the first byte that waits.
  var firstOffset: UInt64? { assembler.ranges.first?.lowerBound }
  /// Stream offset after the last byte that waits.
  var lastEnd: UInt64? { assembler.ranges.last?.upperBound }
  /// Segments that wait.
  var count: Int { segments.count }

  /// What an insertion came to.
  struct Insertion {
    /// By how much `charge` grew.
    var charge: Int
    /// Bytes that waited already.
    var repeated: Int
    /// Whether some of those were others than the ones that waited.
    var conflicts: Bool
  }

  /// Adds what is new in `delivery` and the cut bytes after it.
  func insert(
    _ delivery: borrowing Delivery, cutBytes: Int, overlap: ReassemblyLimits.Overlap = .first
  ) -> Insertion {
    let before = charge
    var (repeated, conflicts) = (0, false)
    let start = delivery.position.offset
    let end = start &+ UInt64(delivery.bytes.count &+ cutBytes)
    var rest = start
    // Offsets count bytes of the capture and cannot come near 2⁶⁴, so `rest` is never after `end`.
    while rest < end, let piece = assembler.insert(startOf: rest..<end) {
      switch piece {
      case .new(let range, let index):
        add(delivery, range, at: index)
      case .repeated(let range, let index):
        repeated &+= range.count
        if !agree(delivery, range, with: index, overlap) { conflicts = true }
      }
      rest = piece.end
    }
    return Insertion(charge: charge - before, repeated: repeated, conflicts: conflicts)
  }

  /// Takes the first segment out, and says what it covers, if it starts at `offset` or before it.
  func takeFirst(startingBy offset: UInt64) -> (range: Range<UInt64>, segment: PendingSegment)? {
    guard let range = assembler.takeFirst(startingBy: offset), let first = segments.popFirst() else {
      return nil
    }
    charge -= first.bytes.count + Self.chargePerSegment
    return (range, first)
  }

  /// The first segment that ends after `offset`: where it starts, and when it was captured.
  func first(endingAfter offset: UInt64) -> (start: UInt64, time: CaptureTime)? {
    let index = assembler.firstIndex(endingAfter: offset)
    return index < segments.count ? (assembler.ranges[index].lowerBound, segments[index].time) : nil
  }

  /// Adds the part of a segment that covers `range`; what `delivery` lacks of it was cut off.
  private func add(_ delivery: borrowing Delivery, _ range: Range<UInt64>, at index: Int) {
    let captured = delivery.bytes.extracting(part(of: delivery, range))
    segments.insert(
      PendingSegment(
        bytes: captured.toArray(), packet: delivery.position.packet, time: delivery.position.time,
        peerAcknowledged: delivery.peerAcknowledged), at: index)
    charge += captured.count + Self.chargePerSegment
  }

  /// Whether the bytes in `range` that both have are the same. If not, the last copy takes the place of the first where it
  /// should.
  private func agree(
    _ delivery: borrowing Delivery, _ range: Range<UInt64>, with index: Int,
    _ overlap: ReassemblyLimits.Overlap
  ) -> Bool {
    let (start, old) = (assembler.ranges[index].lowerBound, segments[index].bytes)
    let common = range.clamped(to: start..<start &+ UInt64(old.count))
    let copy = delivery.bytes.extracting(part(of: delivery, common))
    guard copy.count > 0 else { return true }
    let place = Int(common.lowerBound - start)..<Int(common.lowerBound - start) + copy.count
    if old.span.extracting(place).hasSameBytes(as: copy) { return true }
    if overlap == .last { segments[index].bytes.replaceSubrange(place, with: copy.toArray()) }
    return false
  }

  /// The indices of the captured bytes in a range of stream offsets that begins at or after the start of `delivery`.
  private func part(of delivery: borrowing Delivery, _ range: Range<UInt64>) -> Range<Int> {
    let (start, count) = (delivery.position.offset, delivery.bytes.count)
    let lower = min(count, Int(clamping: range.lowerBound &- start))
    return lower..<max(lower, min(count, Int(clamping: range.upperBound &- start)))
  }
}
