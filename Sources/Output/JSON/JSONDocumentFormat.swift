import SessionAnalysis
import Sessions
import WebSocketDecoding
import WireBytes

/// `export --to json`: one document, the events of each session together.
///
/// Sessions overlap in a capture, so the events of one wait in memory until it ends; the document lists sessions in the order
/// in which they ended.
package struct JSONDocumentFormat: OutputFormat, ~Copyable {
  package let needs: EventNeeds
  package var out: OutputBuffer
  private var open: [UInt64: OpenSession] = [:]
  private var sessions = 0

  /// A session that has not ended.
  private final class OpenSession {
    /// The session_open object without its closing brace: the events go inside.
    let opening: [UInt8]
    var events = JSONWriter(OutputBuffer())

    init(_ event: SessionOpen) {
      var json = JSONWriter(OutputBuffer())
      SessionOpenJSON(event: event).write(to: &json)
      opening = json.out.bytes.toArray().dropLast()
    }
  }

  /// A format that writes to `out`.
  package init(_ out: consuming OutputBuffer, _ options: DisplayOptions) {
    needs = JSONLinesFormat.needs(options)
    self.out = out
    self.out.append("{\"format\":\"wstap/1\",\"sessions\":[")
  }

  package mutating func write(
    _ message: borrowing Message, _ context: MessageContext, payload: Span<UInt8>
  ) {
    guard let open = open[context.session.number] else { return }
    MessageJSON.write(message, context, payload: payload, to: &open.events)
  }

  package mutating func write(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    guard let open = open[session.number] else { return }
    ControlJSON.write(event, in: session, payload: payload, to: &open.events)
  }

  package mutating func write(
    _ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>
  ) {
    guard let open = open[session.number] else { return }
    FrameJSON.write(frame, in: session, payload: payload, to: &open.events)
  }

  package mutating func write(_ event: Event) {
    switch event {
    case .opened(let event): open[event.session.number] = OpenSession(event)
    case .gap(_, let session), .anomaly(_, let session), .retransmission(_, let session):
      if let open = open[session.number] { EventJSON.write(event, to: &open.events) }
    case .closed(let event): close(event)
    case .inputChanged: break
    case .ended(let summary): end(summary)
    }
  }

  private mutating func close(_ event: SessionClose) {
    guard let session = open.removeValue(forKey: event.session.number) else { return }
    if sessions > 0 { out.append(",") }
    sessions += 1
    out.append("\n")
    let opening = session.opening
    out.append(opening.span)
    out.append(",\"events\":[")
    out.append(session.events.out.bytes)
    out.append("],\"close\":")
    var close = JSONWriter(OutputBuffer())
    SessionCloseJSON(event: event).write(to: &close)
    out.append(close.out.bytes)
    out.append("}")
  }

  private mutating func end(_ summary: CaptureSummary) {
    var capture = JSONWriter(OutputBuffer())
    capture.beginObject()
    CaptureEndJSON(summary: summary).writeMembers(to: &capture)
    capture.endObject()
    out.append("\n],\"capture\":")
    out.append(capture.out.bytes)
    out.append("}\n")
  }
}
