import SessionTimeline
import WebSocketDecoding
import WireBytes

/// `export --to json`: one document, the events of each session together.
///
/// Sessions overlap in a capture, so the events of one wait in memory until it ends; the document lists
/// sessions in the order in which they ended.
package final class JSONDocumentReport: TimelineReport, WritingReport {
  private var out: OutputBuffer
  private var open: [UInt64: OpenSession] = [:]
  private var sessions = 0

  /// What is known of a session that has not ended.
  private final class OpenSession {
    /// The session_open object without its closing brace: the events go inside.
    let opening: [UInt8]
    var events = JSONEvents(OutputBuffer())

    init(_ event: SessionOpen) {
      var json = JSONEvents(OutputBuffer())
      json.write(event)
      opening = json.json.out.bytes.toArray().dropLast()
    }
  }

  /// A report that writes to `out`.
  package init(_ out: consuming OutputBuffer) {
    self.out = out
    self.out.append("{\"format\":\"wstap/1\",\"sessions\":[")
  }

  package var takesMore: Bool { out.takesMore }
  package var failure: OutputFailure? { out.failure }

  package func sessionOpened(_ event: SessionOpen) {
    open[event.session.number] = OpenSession(event)
  }

  package func message(
    _ message: borrowing Message, in session: SessionReference, missing: [MissingRange], payload: Span<UInt8>
  ) {
    guard let open = open[session.number] else { return }
    open.events.write(message, in: session, missing: missing, payload: payload)
  }

  package func transport(_ transport: MessageTransport, in session: SessionReference) {
    open[session.number]?.events.transport = transport
  }

  package func retransmission(_ event: Retransmission, in session: SessionReference) {
    open[session.number]?.events.write(event, in: session)
  }

  package func control(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    open[session.number]?.events.write(event, in: session, payload: payload)
  }

  package func frame(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {
    guard let open = open[session.number] else { return }
    open.events.write(frame, in: session, payload: payload)
  }

  package func gap(_ gap: Gap, in session: SessionReference) {
    open[session.number]?.events.write(gap, in: session)
  }

  package func anomaly(_ anomaly: Anomaly, in session: SessionReference) {
    open[session.number]?.events.write(anomaly, in: session)
  }

  package func sessionClosed(_ event: SessionClose) {
    guard let session = open.removeValue(forKey: event.session.number) else { return }
    if sessions > 0 { out.append(",") }
    sessions += 1
    out.append("\n")
    let opening = session.opening
    out.append(opening.span)
    out.append(",\"events\":[")
    out.append(session.events.json.out.bytes)
    out.append("],\"close\":")
    var close = JSONEvents(OutputBuffer())
    close.write(event)
    out.append(close.json.out.bytes)
    out.append("}")
  }

  package func captureEnded(_ summary: CaptureSummary) {
    var capture = JSONEvents(OutputBuffer())
    capture.json.beginObject()
    capture.writeMembers(of: summary)
    capture.json.endObject()
    out.append("\n],\"capture\":")
    out.append(capture.json.out.bytes)
    out.append("}\n")
    out.flush()
  }
}
