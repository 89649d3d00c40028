import SessionTimeline
import Threads
import WebSocketDecoding
import WireBytes

/// Events in a row, on their way from the thread that finds them to one that writes them.
///
/// Messages come by the million: they are plain memory. Other events are kept as they are; each message knows how many
/// of them come before it.
@safe final class EventBatch: @unchecked Sendable {
  // @unchecked: a batch has one owner at a time (`BatchQueue`).
  private let messages: UnsafeMutablePointer<QueuedMessage>
  private var messageCount = 0
  private var others: [QueuedEvent] = []
  private var payloads: UnsafeMutableRawBufferPointer
  private var copiedBytes = 0
  /// Payloads that are large and have memory of their own: not copied, but taken. The others are empty, with memory for the
  /// messages to come.
  private let large: UnsafeMutablePointer<PayloadBuffer>
  private var largeCount = 0
  /// Of all events together.
  private(set) var payloadBytes = 0

  private static let mostMessages = 1024
  private static let fullBytes = 128 << 10
  private static let shortestLarge = 4 << 10
  private static let mostLarge = fullBytes / shortestLarge
  /// A payload that is larger is not for a batch.
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

  var isEmpty: Bool { messageCount == 0 && others.isEmpty }

  var isFull: Bool {
    messageCount == Self.mostMessages || payloadBytes >= Self.fullBytes || others.count >= Self.mostMessages
  }

  /// Adds a message without holes to a batch that is not full.
  func append(_ message: borrowing Message, in session: SessionReference, payload: Span<UInt8>) {
    append(message, session, payload: keep(payload).lowerBound, length: payload.count)
  }

  /// The same with a payload that is taken: `payload` is empty then. Copies it if it is small or its memory large.
  func append(_ message: borrowing Message, in session: SessionReference, buffer payload: inout PayloadBuffer)
  {
    let length = payload.count
    guard length >= Self.shortestLarge, length >= payload.capacity / 2, largeCount < Self.mostLarge else {
      return append(message, in: session, payload: payload.bytes)
    }
    unsafe swap(&large[largeCount], &payload)
    append(message, session, payload: ~largeCount, length: length)
    largeCount &+= 1
    payloadBytes &+= length
  }

  @inline(__always)
  private func append(
    _ message: borrowing Message, _ session: SessionReference, payload: Int, length: Int
  ) {
    precondition(messageCount < Self.mostMessages)
    unsafe (messages + messageCount).initialize(
      to: QueuedMessage(
        message: copy message, session: session, payload: payload, payloadLength: length,
        othersBefore: others.count))
    messageCount &+= 1
  }

  /// Adds any other event.
  func append(_ event: QueuedEvent) { others.append(event) }

  /// Copies a payload of an event to come, of `longestPayload` at most; says where it lies.
  func keep(_ payload: Span<UInt8>) -> Range<Int> {
    let start = copiedBytes
    let room = unsafe payloads.count - start
    precondition(payload.count <= room)
    unsafe payload.withUnsafeBytes { bytes in
      guard let source = bytes.baseAddress else { return }
      unsafe payloads.baseAddress.unsafelyUnwrapped.advanced(by: start)
        .copyMemory(from: source, byteCount: bytes.count)
    }
    copiedBytes = start &+ payload.count
    payloadBytes &+= payload.count
    return start..<copiedBytes
  }

  /// Tells `report` of all events in order, and is empty then.
  func replay(to report: any TimelineReport) {
    var next = 0
    for index in 0..<messageCount {
      let queued = unsafe messages + index
      let before = unsafe queued.pointee.othersBefore
      while next < before {
        replay(others[next], to: report)
        next &+= 1
      }
      let start = unsafe queued.pointee.payload
      unsafe report.message(
        queued.pointee.message, in: queued.pointee.session, missing: [],
        payload: start < 0 ? large[~start].bytes : bytes(start..<start &+ queued.pointee.payloadLength))
    }
    for event in others[next...] { replay(event, to: report) }
    (messageCount, copiedBytes, payloadBytes) = (0, 0, 0)
    if largeCount > 0 { emptyLarge() }
    others.removeAll(keepingCapacity: true)
  }

  /// Empties the payloads that were taken, and keeps some of their memory.
  private func emptyLarge() {
    largeCount = 0
    var held = 0
    for index in 0..<Self.mostLarge {
      let capacity = unsafe large[index].capacity
      unsafe large[index].clear(keeping: held &+ capacity <= Self.mostHeld ? capacity : 0)
      held &+= unsafe large[index].capacity
    }
  }

  /// Memory for large payloads that a batch holds while there are none in it.
  private static let mostHeld = 512 << 10

  /// How much of it there is; for tests.
  var heldBytes: Int { (0..<Self.mostLarge).reduce(0) { unsafe $0 + large[$1].capacity } }

  private func replay(_ event: QueuedEvent, to report: any TimelineReport) {
    switch event {
    case .opened(let event): report.sessionOpened(event)
    case .closed(let event): report.sessionClosed(event)
    case .message(let message, let session, let missing, let place):
      report.message(message, in: session, missing: missing, payload: bytes(place))
    case .control(let event, let session, let place):
      report.control(event, in: session, payload: bytes(place))
    case .frame(let frame, let session, let place): report.frame(frame, in: session, payload: bytes(place))
    case .gap(let gap, let session): report.gap(gap, in: session)
    case .anomaly(let anomaly, let session): report.anomaly(anomaly, in: session)
    case .inputChanged(let event): report.inputChanged(event)
    case .transport(let transport, let session): report.transport(transport, in: session)
    case .retransmission(let event, let session): report.retransmission(event, in: session)
    case .ended(let summary): report.captureEnded(summary)
    }
  }

  @_lifetime(borrow self)
  private func bytes(_ place: Range<Int>) -> Span<UInt8> {
    let span = unsafe Span<UInt8>(_unsafeBytes: UnsafeRawBufferPointer(rebasing: payloads[place]))
    // Safe: `keep` wrote there, and nothing is moved while it is replayed.
    return unsafe _overrideLifetime(span, borrowing: self)
  }
}

private struct QueuedMessage {
  var message: Message
  var session: SessionReference
  /// Where its payload begins among the copied ones, or `~` its place among the large ones.
  var payload: Int
  var payloadLength: Int
  var othersBefore: Int
}

/// An event that is not a whole message; ranges say where its payload lies in its batch.
enum QueuedEvent {
  indirect case opened(SessionOpen)
  indirect case closed(SessionClose)
  indirect case message(Message, SessionReference, missing: [MissingRange], Range<Int>)
  case control(ControlEvent, SessionReference, Range<Int>)
  case frame(Frame, SessionReference, Range<Int>)
  case gap(Gap, SessionReference)
  indirect case anomaly(Anomaly, SessionReference)
  indirect case inputChanged(InputChange)
  indirect case transport(MessageTransport, SessionReference)
  indirect case retransmission(Retransmission, SessionReference)
  indirect case ended(CaptureSummary)
}
