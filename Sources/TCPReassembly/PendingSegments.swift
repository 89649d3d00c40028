import DequeModule
import WireBytes

/// A segment, or what is new in it, that waits for bytes before it.
struct PendingSegment {
  /// Stream offset of its first byte.
  var offset: UInt64
  var bytes: [UInt8]
  /// Bytes after those that the snap length cut off: they are part of what the segment covers.
  var cutBytes: Int
  var packet: UInt64
  var time: CaptureTime
  /// What the segment itself acknowledged of the other direction (`Delivery.peerAcknowledged`).
  var peerAcknowledged: UInt64?

  var end: UInt64 { offset &+ UInt64(bytes.count &+ cutBytes) }
}

/// Segments behind a hole, in stream order and without overlap: of bytes that came twice the first copy stays.
final class PendingSegments {
  private var segments = Deque<PendingSegment>()
  /// Bytes held, with what each segment costs beside its payload: one-byte segments count too.
  private(set) var charge = 0
  /// The other side acknowledged bytes behind the first hole.
  var proof: ProofOfHoles?

  static let chargePerSegment = 96

  /// Stream offset of the first byte that waits.
  var firstOffset: UInt64? { segments.first?.offset }
  /// Stream offset behind the last byte that waits.
  var lastEnd: UInt64? { segments.last?.end }
  /// Segments that wait.
  var count: Int { segments.count }

  /// Adds what is new in `delivery` and the cut bytes after it. Returns the charge added, how many bytes
  /// came twice, and whether some of those differ.
  func insert(
    _ delivery: borrowing Delivery, cutBytes: Int, overlap: ReassemblyLimits.Overlap = .first
  ) -> (added: Int, repeated: Int, conflict: Bool) {
    let (bytes, position) = (delivery.bytes, delivery.position)
    let before = charge
    var conflict = false
    var new: UInt64 = 0
    var start = position.offset
    let end = start &+ UInt64(bytes.count &+ cutBytes)
    var index = insertionIndex(for: start)
    if index > 0 && segments[index - 1].end > start {
      conflict = !agree(index - 1, bytes, position.offset, overlap)
      start = min(end, segments[index - 1].end)
    }
    while start < end {
      let stop = index < segments.count ? min(end, segments[index].offset) : end
      if start < stop {
        add(delivery, from: start, to: stop, index)
        new &+= stop &- start
        index += 1
      }
      guard index < segments.count, segments[index].offset < end else { break }
      conflict = !agree(index, bytes, position.offset, overlap) || conflict
      start = segments[index].end
      index += 1
    }
    return (charge - before, bytes.count &+ cutBytes &- Int(clamping: new), conflict)
  }

  /// Takes the first segment out if it starts at or before `offset`.
  func takeFirst(upTo offset: UInt64) -> PendingSegment? {
    guard let first = firstOffset, first <= offset, let first = segments.popFirst() else { return nil }
    charge -= first.bytes.count + Self.chargePerSegment
    return first
  }

  /// The first segment that ends behind `offset`.
  func first(after offset: UInt64) -> PendingSegment? {
    var index = insertionIndex(for: offset)
    if index > 0, segments[index - 1].end > offset { index -= 1 }
    return index < segments.count ? segments[index] : nil
  }

  /// The index of the first segment that starts at `offset` or behind it.
  private func insertionIndex(for offset: UInt64) -> Int {
    // Nearly always the segment belongs at the end.
    if let last = segments.last, last.offset < offset { return segments.count }
    var (low, high) = (0, segments.count)
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].offset < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Adds the part of a segment that begins and ends at these stream offsets; past `bytes` it was cut off.
  private func add(_ delivery: borrowing Delivery, from start: UInt64, to end: UInt64, _ index: Int) {
    let (bytes, position) = (delivery.bytes, delivery.position)
    let range = Int(start &- position.offset)..<Int(end &- position.offset)
    let captured = bytes.extracting(range.clamped(to: 0..<bytes.count))
    segments.insert(
      PendingSegment(
        offset: start, bytes: captured.toArray(), cutBytes: range.count - captured.count,
        packet: position.packet, time: position.time, peerAcknowledged: delivery.peerAcknowledged), at: index)
    charge += captured.count + Self.chargePerSegment
  }

  /// Whether the bytes that both have are the same. If not, the last copy takes the place of the first where it should.
  private func agree(
    _ index: Int, _ bytes: Span<UInt8>, _ offset: UInt64, _ overlap: ReassemblyLimits.Overlap
  ) -> Bool {
    let old = segments[index]
    let from = max(old.offset, offset)
    let to = min(old.offset &+ UInt64(old.bytes.count), offset &+ UInt64(bytes.count))
    guard from < to else { return true }
    let mine = bytes.extracting(Int(from - offset)..<Int(to - offset))
    let place = Int(from - old.offset)..<Int(to - old.offset)
    if old.bytes.span.extracting(place).hasSameBytes(as: mine) { return true }
    if overlap == .last { segments[index].bytes.replaceSubrange(place, with: mine.toArray()) }
    return false
  }
}
