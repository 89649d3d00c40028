import CPrefetch
import PacketLayers
import WireBytes

/// A segment that was read ahead, and where in its queue its payload lies.
@usableFromInline
struct QueuedSegment {
  @usableFromInline var segment: TCPSegment
  @usableFromInline var lookup: FlowLookup
  @usableFromInline var time: CaptureTime
  @usableFromInline var number: UInt64
  @usableFromInline var payload: Int
  @usableFromInline var mark: PayloadMark
}

/// What whoever queued a payload found out about it. The reassembler does not know what it means; the sink is handed it with
/// a payload that comes whole and in its turn.
public struct PayloadMark: Hashable, Sendable {
  /// Any number of the sink's.
  public let number: UInt8

  /// A mark; 0 says nothing.
  @inlinable public init(_ number: UInt8) { self.number = number }

  /// Nothing was found out.
  @inlinable public static var none: PayloadMark { PayloadMark(0) }
}

/// Segments in a row with copies of their payloads: what one thread reads ahead and another one reassembles.
@safe public struct SegmentQueue: ~Copyable, @unchecked Sendable {
  // @unchecked: the memory is its own.
  @usableFromInline var segments: UnsafeMutablePointer<QueuedSegment>
  @usableFromInline var capacity: Int
  /// How many segments there are.
  public private(set) var count = 0
  private var payloads: UnsafeMutableRawBufferPointer
  private let payloadRoom: Int
  /// Of all payloads together.
  public private(set) var payloadBytes = 0

  /// Room for so many segments with so many bytes; for more, room is made.
  public init(segments count: Int, bytes: Int) {
    (capacity, payloadRoom) = (max(count, 1), max(bytes, 1))
    unsafe segments = Self.room(for: capacity)
    unsafe payloads = .allocate(byteCount: payloadRoom, alignment: 64)
  }

  /// Each lies in two lines of memory, and not in parts of three.
  private static func room(for count: Int) -> UnsafeMutablePointer<QueuedSegment> {
    unsafe UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<QueuedSegment>.stride, alignment: 64
    ).bindMemory(to: QueuedSegment.self, capacity: count)
  }

  deinit {
    // Segments are plain values.
    unsafe segments.deallocate()
    unsafe payloads.deallocate()
  }

  /// Forgets all, and gives back room that was made for what is rare.
  public mutating func removeAll() {
    (count, payloadBytes) = (0, 0)
    guard unsafe payloads.count > 4 * payloadRoom else { return }
    unsafe payloads.deallocate()
    unsafe payloads = .allocate(byteCount: payloadRoom, alignment: 64)
  }

  // MARK: Filling

  /// Lets `body` write the segment that comes next; it counts when it is added.
  @inlinable @inline(__always)
  public mutating func withNext<Result>(_ body: (inout TCPSegment) -> Result) -> Result {
    if count == capacity { makeRoomForSegments() }
    // Safe: plain values, of which this one is nobody's yet.
    return unsafe body(&segments[count].segment)
  }

  /// Adds the segment that was written, with its payload, of the packet with this number.
  public mutating func add(
    _ payload: Span<UInt8>, packet: UInt64, time: CaptureTime, seed: HashSeed, mark: PayloadMark = .none
  ) {
    precondition(count < capacity)
    let queued = unsafe segments + count
    unsafe queued.pointee.lookup = FlowLookup(
      from: queued.pointee.segment.source, queued.pointee.segment.sourcePort,
      to: queued.pointee.segment.destination, queued.pointee.segment.destinationPort, seed: seed)
    unsafe queued.pointee.time = time
    unsafe queued.pointee.number = packet
    unsafe queued.pointee.payload = payloadBytes
    unsafe queued.pointee.mark = mark
    unsafe queued.pointee.segment.payloadLength = payload.count
    count &+= 1
    if payload.count > 0 { keep(payload) }
  }

  @usableFromInline @inline(never)
  mutating func makeRoomForSegments() {
    let larger = unsafe Self.room(for: capacity * 2)
    unsafe larger.moveInitialize(from: segments, count: count)
    unsafe segments.deallocate()
    unsafe segments = larger
    capacity *= 2
  }

  @inline(__always)
  private mutating func keep(_ bytes: Span<UInt8>) {
    let room = unsafe payloads.count
    if payloadBytes &+ bytes.count > room { makeRoom(bytes.count) }
    unsafe bytes.withUnsafeBytes {
      unsafe payloads.baseAddress.unsafelyUnwrapped.advanced(by: payloadBytes)
        .copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: $0.count)
    }
    payloadBytes &+= bytes.count
  }

  @inline(never)
  private mutating func makeRoom(_ added: Int) {
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: payloadBytes + added, alignment: 64)
    unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: payloads[..<payloadBytes]))
    unsafe payloads.deallocate()
    unsafe payloads = larger
  }

  // MARK: Taking

  /// The payload of one of the segments.
  @inline(__always)
  @_lifetime(borrow self)
  func payload(of queued: UnsafeMutablePointer<QueuedSegment>) -> Span<UInt8> {
    // Safe: `add` wrote where it lies.
    let bytes = unsafe UnsafeRawBufferPointer(
      start: payloads.baseAddress.unsafelyUnwrapped + queued.pointee.payload,
      count: queued.pointee.segment.payloadLength)
    let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// Hands over every segment with its payload and its packet's number and time.
  public func forEach(_ body: (TCPSegment, Span<UInt8>, UInt64, CaptureTime) -> Void) {
    for index in 0..<count {
      let queued = unsafe segments + index
      unsafe body(queued.pointee.segment, payload(of: queued), queued.pointee.number, queued.pointee.time)
    }
  }
}

/// With thousands of connections open, a packet finds neither its entry of the table, nor its flow, nor what the sink
/// keeps of it in the nearer caches, and each says only where the next one is. Of segments that were read ahead each is
/// asked for in time (docs/decisions/0004-prefetch.md). Nothing is changed by that, and a wrong guess costs nothing.
extension TCPReassembler {
  /// Takes segments that were read ahead, with the seed of this reassembler.
  public mutating func receive(_ queue: borrowing SegmentQueue, into sink: any ReassemblySink) {
    for index in 0..<queue.count {
      foresee(queue, from: index, sink)
      let queued = unsafe queue.segments + index
      unsafe take(
        &queued.pointee.segment, queued.pointee.lookup, payload: queue.payload(of: queued),
        mark: queued.pointee.mark, packet: queued.pointee.number, time: queued.pointee.time, into: sink)
    }
  }

  /// Asks for what segments that follow the one at `index` will touch.
  @inline(__always)
  private mutating func foresee(_ queue: borrowing SegmentQueue, from index: Int, _ sink: any ReassemblySink)
  {
    guard index >= 0 && index &+ 20 < queue.count else { return }
    let queued = unsafe queue.segments + index
    // These lines are in the cache of the processor that wrote them.
    let later = unsafe UnsafeRawPointer(queued + 20)
    unsafe wstap_prefetch(later)
    unsafe wstap_prefetch(later + 64)
    queue.prefetchPayload(unsafe queued[6].payload, isWanted: unsafe queued[6].mark == .none)
    table.prefetch(unsafe queued[14].lookup.hash)
    unsafe foreseeFlow(&(queued + 9).pointee.lookup)
    foreseeToken(unsafe queued[5].lookup, sink)
  }

  /// Asks for the flow, when the entry has come.
  @inline(__always)
  private mutating func foreseeFlow(_ lookup: inout FlowLookup) {
    let slot = table.likelySlot(lookup.hash)
    guard slot >= 0 && slot < flows.count else { return }
    lookup.likelySlot = Int32(truncatingIfNeeded: slot)
    if observesTransport { timer.prefetch(slot) }
    unsafe flows.span.withUnsafeBufferPointer {
      let flow = unsafe UnsafeRawPointer($0.baseAddress.unsafelyUnwrapped + slot)
      unsafe wstap_prefetch(flow)
      unsafe wstap_prefetch(flow + 64)
      unsafe wstap_prefetch(flow + 128)
    }
  }

  /// Lets the sink ask for what it keeps of the flow, when the flow has come.
  @inline(__always)
  private mutating func foreseeToken(_ lookup: FlowLookup, _ sink: any ReassemblySink) {
    let slot = Int(lookup.likelySlot)
    guard slot >= 0, slot < flows.count, let token = flows[slot].token else { return }
    sink.foresee(lookup.isReversed == flows[slot].isReversed ? .fromInitiator : .fromResponder, token)
  }
}

extension SegmentQueue {
  @inline(__always)
  fileprivate func prefetchPayload(_ place: Int, isWanted: Bool) {
    let payload = unsafe UnsafeRawPointer(payloads.baseAddress.unsafelyUnwrapped) + place
    unsafe wstap_prefetch(payload)
    // Of one that was looked at before, hardly more is read than its begin.
    guard isWanted else { return }
    unsafe wstap_prefetch(payload + 64)
    unsafe wstap_prefetch(payload + 128)
  }
}
