import SessionTimeline
import WebSocketDecoding
import WireBytes

/// `--json`: one JSON object a line, in the order of the capture.
package final class JSONLinesReport: TimelineReport, WritingReport {
  // Reports are not called from within themselves: no check is needed for each event.
  @exclusivity(unchecked) private var uncheckedEvents: JSONEvents
  private var events: JSONEvents {
    @inline(__always) _read { yield unsafe uncheckedEvents }
    @inline(__always) _modify { yield unsafe &uncheckedEvents }
  }
  private let flushesLines: Bool
  /// What is to be said of the input before the next event.
  private var change: InputChange?

  /// A report that writes to `out`; `flushesLines` when somebody watches.
  package init(_ out: consuming OutputBuffer, flushesLines: Bool = false) {
    unsafe uncheckedEvents = JSONEvents(out)
    self.flushesLines = flushesLines
  }

  package var takesMore: Bool { events.json.out.takesMore }
  package var failure: OutputFailure? { events.json.out.failure }

  package func inputChanged(_ event: InputChange) { change = event }

  /// Inputs that overlap take turns with every packet: only a change before an event is of interest.
  @inline(never)
  private func writeChange() {
    guard let event = change else { return }
    change = nil
    events.write(event)
    endLine()
  }

  package func sessionOpened(_ event: SessionOpen) {
    if change != nil { writeChange() }
    events.write(event)
    endLine()
  }

  package func message(
    _ message: borrowing Message, in session: SessionReference, missing: [MissingRange], payload: Span<UInt8>
  ) {
    if change != nil { writeChange() }
    events.writeLine(message, in: session, missing: missing, payload: payload)
    if flushesLines { events.json.out.flush() }
  }

  package func transport(_ transport: MessageTransport, in session: SessionReference) {
    events.transport = transport
  }

  package func retransmission(_ event: Retransmission, in session: SessionReference) {
    if change != nil { writeChange() }
    events.write(event, in: session)
    endLine()
  }

  package func control(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    if change != nil { writeChange() }
    events.write(event, in: session, payload: payload)
    endLine()
  }

  package func frame(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {
    if change != nil { writeChange() }
    events.write(frame, in: session, payload: payload)
    endLine()
  }

  package func gap(_ gap: Gap, in session: SessionReference) {
    if change != nil { writeChange() }
    events.write(gap, in: session)
    endLine()
  }

  package func anomaly(_ anomaly: Anomaly, in session: SessionReference) {
    if change != nil { writeChange() }
    events.write(anomaly, in: session)
    endLine()
  }

  package func sessionClosed(_ event: SessionClose) {
    if change != nil { writeChange() }
    events.write(event)
    endLine()
  }

  package func captureEnded(_ summary: CaptureSummary) {
    events.write(summary)
    events.json.endLine()
    events.json.out.flush()
  }

  private func endLine() {
    events.json.endLine()
    if flushesLines { events.json.out.flush() }
  }
}

extension JSONEvents {
  /// The hot event: one access to the report's storage instead of two.
  mutating func writeLine(
    _ message: borrowing Message, in session: SessionReference, missing: [MissingRange], payload: Span<UInt8>
  ) {
    write(message, in: session, missing: missing, payload: payload)
    json.endLine()
  }
}
