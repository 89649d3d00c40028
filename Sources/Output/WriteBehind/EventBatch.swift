import SessionAnalysis
import Sessions
import Threads
import WebSocketDecoding
import WireBytes

/// A row of events on its way from the thread that finds them to one that writes them.
///
/// Messages come by the million: they are plain memory. Other events are kept as values; each message knows how many of them
/// come before it.
@safe final class EventBatch: @unchecked Sendable {
  // @unchecked: a batch has one owner at a time (`BatchQueue`).
  private let messages: UnsafeMutablePointer<QueuedMessage>
  private let payloads: UnsafeMutableRawBufferPointer
  /// Large payloads with memory of their own, taken and not copied. Unused ones are empty and lend their memory to later
  /// messages.
  private let large: UnsafeMutablePointer<PayloadBuffer>

  /// What is in it.
  private struct Content {
    var messages = 0
    var others: [QueuedEvent] = []
    var largePayloads = 0
    var copiedBytes = 0
    var payloadBytes = 0
  }
  // One owner at a time, and no call from within another: no message needs a check at run time.
  @exclusivity(unchecked) private var uncheckedContent = Content()
  private var content: Content {
    @inline(__always) _read { yield unsafe uncheckedContent }
    @inline(__always) _modify { yield unsafe &uncheckedContent }
  }

  /// Of all events together.
  var payloadBytes: Int { content.payloadBytes }

  private static let mostMessages = 1024
  private static let fullBytes = 128 << 10
  private static let shortestLarge = 4 << 10
  private static let mostLarge = fullBytes / shortestLarge
  /// Larger payloads do not go into a batch.
  static let longestPayload = 256 << 10

  init() {
    unsafe messages = .allocate(capacity: Self.mostMessages)
    unsafe payloads = .allocate(byteCount: Self.fullBytes + Self.longestPayload, alignment: 64)
    unsafe large = .allocate(capacity: Self.mostLarge)
    for index in 0..<Self.mostLarge { unsafe (large + index).initialize(to: PayloadBuffer()) }
  }

  deinit {
    // Messages are plain values.
    unsafe messages.deallocate()
    unsafe payloads.deallocate()
    unsafe large.deinitialize(count: Self.mostLarge)
    unsafe large.deallocate()
  }

  var isEmpty: Bool { content.messages == 0 && content.others.isEmpty }

  var isFull: Bool {
    content.messages == Self.mostMessages || content.payloadBytes >= Self.fullBytes
      || content.others.count >= Self.mostMessages
  }

  /// Adds a message about which nothing else has to be said, to a batch that is not full.
  func append(_ message: borrowing Message, in session: SessionReference, payload: Span<UInt8>) {
    append(message, session, payload: keep(payload).lowerBound, length: payload.count)
  }

  /// The same, taking the payload, which is empty then. Copies it if it is small, or much smaller than its memory.
  func append(_ message: borrowing Message, in session: SessionReference, buffer payload: inout PayloadBuffer)
  {
    let length = payload.count
    guard length >= Self.shortestLarge, length >= payload.capacity / 2, content.largePayloads < Self.mostLarge
    else {
      return append(message, in: session, payload: payload.bytes)
    }
    unsafe swap(&large[content.largePayloads], &payload)
    append(message, session, payload: ~content.largePayloads, length: length)
    content.largePayloads &+= 1
    content.payloadBytes &+= length
  }

  @inline(__always)
  private func append(
    _ message: borrowing Message, _ session: SessionReference, payload: Int, length: Int
  ) {
    precondition(content.messages < Self.mostMessages)
    unsafe (messages + content.messages).initialize(
      to: QueuedMessage(
        message: copy message, session: session, payload: payload, payloadLength: length,
        othersBefore: content.others.count))
    content.messages &+= 1
  }

  /// Adds any other event.
  func append(_ event: QueuedEvent) { content.others.append(event) }

  /// Copies the payload of the next event, of at most `longestPayload` bytes; returns where it lies.
  func keep(_ payload: Span<UInt8>) -> Range<Int> {
    let start = content.copiedBytes
    let room = unsafe payloads.count - start
    precondition(payload.count <= room)
    unsafe payload.withUnsafeBytes { bytes in
      guard let source = bytes.baseAddress else { return }
      unsafe payloads.baseAddress.unsafelyUnwrapped.advanced(by: start)
        .copyMemory(from: source, byteCount: bytes.count)
    }
    content.copiedBytes = start &+ payload.count
    content.payloadBytes &+= payload.count
    return start..<content.copiedBytes
  }

  /// Tells `sink` of all events in order, and is empty then.
  func replay(to sink: any EventSink) {
    var next = 0
    for index in 0..<content.messages {
      let queued = unsafe messages + index
      let before = unsafe queued.pointee.othersBefore
      while next < before {
        replay(content.others[next], to: sink)
        next &+= 1
      }
      let start = unsafe queued.pointee.payload
      unsafe sink.message(
        queued.pointee.message, MessageContext(queued.pointee.session),
        payload: start < 0 ? large[~start].bytes : bytes(start..<start &+ queued.pointee.payloadLength))
    }
    for event in content.others[next...] { replay(event, to: sink) }
    (content.messages, content.copiedBytes, content.payloadBytes) = (0, 0, 0)
    if content.largePayloads > 0 { emptyLarge() }
    content.others.removeAll(keepingCapacity: true)
  }

  /// Empties the payloads that were taken, and keeps some of their memory.
  private func emptyLarge() {
    content.largePayloads = 0
    var held = 0
    for index in 0..<Self.mostLarge {
      let capacity = unsafe large[index].capacity
      unsafe large[index].clear(keeping: held &+ capacity <= Self.mostHeld ? capacity : 0)
      held &+= unsafe large[index].capacity
    }
  }

  /// Memory for large payloads that a batch keeps while it is empty.
  private static let mostHeld = 512 << 10

  /// How much of it there is; for tests.
  var heldBytes: Int { (0..<Self.mostLarge).reduce(0) { unsafe $0 + large[$1].capacity } }

  private func replay(_ event: QueuedEvent, to sink: any EventSink) {
    switch event {
    case .message(let message, let context, let place):
      sink.message(message, context, payload: bytes(place))
    case .control(let event, let session, let place):
      sink.control(event, in: session, payload: bytes(place))
    case .frame(let frame, let session, let place): sink.frame(frame, in: session, payload: bytes(place))
    case .other(let event): sink.event(event)
    }
  }

  @_lifetime(borrow self)
  private func bytes(_ place: Range<Int>) -> Span<UInt8> {
    let span = unsafe Span<UInt8>(_unsafeBytes: UnsafeRawBufferPointer(rebasing: payloads[place]))
    // Safe: `keep` wrote there, and nothing is moved while it is replayed.
    return unsafe _overrideLifetime(span, borrowing: self)
  }
}
