import CPrefetch
import PacketLayers
import WireBytes

/// Segments with copies of their payloads: what one thread reads ahead and another one reassembles.
@safe public struct SegmentQueue: ~Copyable, @unchecked Sendable {
  // @unchecked: the memory is its own.
  @usableFromInline var segments: UnsafeMutablePointer<QueuedSegment>
  @usableFromInline var capacity: Int
  /// How many segments there are.
  public private(set) var count = 0
  private var payloads: UnsafeMutableRawBufferPointer
  private let payloadRoom: Int
  /// Bytes of all payloads together.
  public private(set) var payloadBytes = 0

  /// A queue with room for `count` segments with `bytes` of payload together; it grows when there are more.
  public init(segments count: Int, bytes: Int) {
    (capacity, payloadRoom) = (max(count, 1), max(bytes, 1))
    unsafe segments = Self.room(for: capacity)
    unsafe payloads = .allocate(byteCount: payloadRoom, alignment: 64)
  }

  /// Each segment is in two cache lines, and not in parts of three.
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

  /// Forgets all, and gives back room that was made for a rare case.
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
    // Safe: plain values, and nobody has this one so far.
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
    // Safe: `add` wrote where it is.
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

  /// Prefetches the beginning of the payload at `place`. `isWanted`: all of a small one.
  @inline(__always)
  func prefetchPayload(_ place: Int, isWanted: Bool) {
    let payload = unsafe UnsafeRawPointer(payloads.baseAddress.unsafelyUnwrapped) + place
    unsafe wstap_prefetch(payload)
    // Of one that was looked at before, hardly more than the beginning is read.
    guard isWanted else { return }
    unsafe wstap_prefetch(payload + 64)
    unsafe wstap_prefetch(payload + 128)
  }
}
