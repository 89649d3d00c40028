import SessionAnalysis
import Sessions
import Synchronization
import Threads
import WebSocketDecoding
import WireBytes

/// Lets another sink write on a thread of its own, some batches after the thread that finds the events
/// (docs/decisions/0008-writing-behind.md). It passes on every event in the same order.
package final class WriteBehind: WritingSink {
  private let next: any WritingSink
  package let needs: EventNeeds
  private let queue = BatchQueue((0..<8).map { _ in EventBatch() }, mostBytes: 4 << 20)
  private let state = State()
  // Sinks are not called from within themselves: no event needs a check at run time.
  @exclusivity(unchecked) private var uncheckedBatch = EventBatch()
  private var batch: EventBatch {
    @inline(__always) _read { yield unsafe uncheckedBatch }
    @inline(__always) _modify { yield unsafe &uncheckedBatch }
  }
  private var thread: WorkerThread?

  /// What the thread says of the sink while it has it.
  private final class State: Sendable {
    let wantsMore = Atomic(true)
  }

  /// `sink`, written to by a thread of its own where there is a processor for it. For output that nobody watches line by line.
  package static func around(_ sink: any WritingSink) -> any WritingSink {
    guard BatchQueue<EventBatch>.isOfUse else { return sink }
    return (try? WriteBehind(sink)) ?? sink
  }

  /// Starts the thread, which ends with the last event. Throws when the system has no thread for it.
  package init(_ next: any WritingSink) throws(ThreadFailure) {
    self.next = next
    needs = next.needs
    let writer = Writer(sink: next, queue: queue, state: state)
    thread = try WorkerThread { writer.run() }
  }

  /// The thread's side.
  private struct Writer: @unchecked Sendable {
    // @unchecked: the sink belongs to the thread from the first batch to the last, except after `waitUntilDone` has returned.
    let sink: any WritingSink
    let queue: BatchQueue<EventBatch>
    let state: State

    func run() {
      var batch: EventBatch?
      while let next = queue.takeFull(after: batch) {
        next.replay(to: sink)
        if sink.demand == .enough { state.wantsMore.store(false, ordering: .relaxed) }
        batch = next
      }
    }
  }

  package var demand: Demand { state.wantsMore.load(ordering: .relaxed) ? .more : .enough }
  package var failure: OutputFailure? { next.failure }

  // MARK: Events

  package func message(
    _ message: borrowing Message, _ context: MessageContext, payload: Span<UInt8>
  ) {
    if payload.count > EventBatch.longestPayload {
      catchUp()
      return next.message(message, context, payload: payload)
    }
    if context.isPlain {
      batch.append(message, in: context.session, payload: payload)
    } else {
      batch.append(.message(copy message, context, batch.keep(payload)))
    }
    putIfFull()
  }

  package func message(
    _ message: borrowing Message, _ context: MessageContext, buffer payload: inout PayloadBuffer
  ) {
    if payload.count > EventBatch.longestPayload || !context.isPlain {
      return self.message(message, context, payload: payload.bytes)
    }
    batch.append(message, in: context.session, buffer: &payload)
    putIfFull()
  }

  package func control(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    if payload.count > EventBatch.longestPayload {
      catchUp()
      return next.control(event, in: session, payload: payload)
    }
    append(.control(event, session, batch.keep(payload)))
  }

  package func frame(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {
    if payload.count > EventBatch.longestPayload {
      catchUp()
      return next.frame(frame, in: session, payload: payload)
    }
    append(.frame(copy frame, session, batch.keep(payload)))
  }

  package func event(_ event: Event) {
    guard case .ended = event else { return append(.other(event)) }
    batch.append(.other(event))
    queue.put(batch, bytes: batch.payloadBytes, isLast: true)
    thread?.join()
    thread = nil
  }

  // MARK: Batches

  private func append(_ event: QueuedEvent) {
    batch.append(event)
    putIfFull()
  }

  @inline(__always)
  private func putIfFull() {
    if batch.isFull { put() }
  }

  /// Waits until the sink has been told everything; until the next batch it may be told more here.
  private func catchUp() {
    put()
    queue.waitUntilDone()
  }

  @inline(never)
  private func put() {
    guard !batch.isEmpty else { return }
    queue.put(batch, bytes: batch.payloadBytes)
    batch = queue.takeEmpty() ?? EventBatch()
  }
}
