import CaptureInput
import SessionTimeline
import Synchronization
import Threads
import WebSocketDecoding
import WireBytes

/// Lets another report write on a thread of its own, some batches behind the thread that finds the events
/// (docs/decisions/0008-writing-behind.md). It tells that report of every event in the same order.
package final class WriteBehind: TimelineReport, WritingReport {
  private let report: any TimelineReport & WritingReport
  private let queue = BatchQueue((0..<8).map { _ in EventBatch() }, mostBytes: 4 << 20)
  private let state = State()
  private var batch = EventBatch()
  private var thread: WorkerThread?

  /// What the thread says of the report while it has it.
  private final class State: Sendable {
    let takesMore = Atomic(true)
  }

  /// `report`, writing behind where there is a processor for it. For what is not watched line by line.
  package static func around(
    _ report: any TimelineReport & WritingReport
  ) -> any TimelineReport & WritingReport {
    guard BatchQueue<EventBatch>.isOfUse else { return report }
    return (try? WriteBehind(report)) ?? report
  }

  /// Starts the thread, which ends with `captureEnded`. Throws when there is none to be had.
  package init(_ report: any TimelineReport & WritingReport) throws(ThreadFailure) {
    self.report = report
    let writer = Writer(report: report, queue: queue, state: state)
    thread = try WorkerThread { writer.run() }
  }

  /// The thread's side.
  private struct Writer: @unchecked Sendable {
    // @unchecked: the report is the thread's from the first batch to the last, but where `waitUntilDone` has returned.
    let report: any TimelineReport & WritingReport
    let queue: BatchQueue<EventBatch>
    let state: State

    func run() {
      var batch: EventBatch?
      while let next = queue.takeFull(after: batch) {
        next.replay(to: report)
        if !report.takesMore { state.takesMore.store(false, ordering: .relaxed) }
        batch = next
      }
    }
  }

  package var showsDetails: Bool { report.showsDetails }
  package var takesMore: Bool { state.takesMore.load(ordering: .relaxed) }
  /// To be asked for when the capture has ended.
  package var failure: OutputFailure? { report.failure }

  // MARK: Events

  package func message(
    _ message: borrowing Message, in session: SessionReference, missing: [MissingRange], payload: Span<UInt8>
  ) {
    if payload.count > EventBatch.longestPayload {
      catchUp()
      return report.message(message, in: session, missing: missing, payload: payload)
    }
    if missing.isEmpty {
      batch.append(message, in: session, payload: payload)
    } else {
      batch.append(.message(copy message, session, missing: missing, batch.keep(payload)))
    }
    putIfFull()
  }

  package func message(
    _ message: borrowing Message, in session: SessionReference, missing: [MissingRange],
    buffer payload: inout PayloadBuffer
  ) {
    if payload.count > EventBatch.longestPayload || !missing.isEmpty {
      return self.message(message, in: session, missing: missing, payload: payload.bytes)
    }
    batch.append(message, in: session, buffer: &payload)
    putIfFull()
  }

  package func control(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    if payload.count > EventBatch.longestPayload {
      catchUp()
      return report.control(event, in: session, payload: payload)
    }
    append(.control(event, session, batch.keep(payload)))
  }

  package func frame(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {
    if payload.count > EventBatch.longestPayload {
      catchUp()
      return report.frame(frame, in: session, payload: payload)
    }
    append(.frame(copy frame, session, batch.keep(payload)))
  }

  package func sessionOpened(_ event: SessionOpen) { append(.opened(event)) }
  package func sessionClosed(_ event: SessionClose) { append(.closed(event)) }
  package func gap(_ gap: Gap, in session: SessionReference) { append(.gap(gap, session)) }
  package func anomaly(_ anomaly: Anomaly, in session: SessionReference) {
    append(.anomaly(anomaly, session))
  }
  package func inputChanged(_ event: InputChange) { append(.inputChanged(event)) }

  package func transport(_ transport: MessageTransport, in session: SessionReference) {
    append(.transport(transport, session))
  }

  package func retransmission(_ event: Retransmission, in session: SessionReference) {
    append(.retransmission(event, session))
  }

  package func captureEnded(_ summary: CaptureSummary) {
    batch.append(.ended(summary))
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

  /// Waits until the report has been told of everything; until the next batch it may be told of more here.
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
