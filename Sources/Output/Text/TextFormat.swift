import HTTP1
import SessionAnalysis
import Sessions
import WebSocketDecoding
import WireBytes

/// The default in a terminal: one line an event, aligned, what a person needs and nothing twice.
///
///     packet  since the request  session  direction  kind  size  payload
///          8  +0.012911          #1       ▶          text  8 B   nick 999
///
/// Everything that a peer sent goes through `TerminalText`: no byte of it reaches a terminal as itself unless it is printable.
package struct TextFormat: OutputFormat, ~Copyable {
  package let needs: EventNeeds
  var lines: TextLines
  private var openSessions = 0

  /// A format that writes to `out`. `width` is that of the terminal in columns, nil where lines may be long.
  package init(_ out: consuming OutputBuffer, style: Style, width: Int?, _ options: DisplayOptions) {
    // A character takes at most four bytes; combining marks can be many more but need not all be shown.
    let payloadBytes = options.payloadBytes ?? width.map { max($0, 256) * 8 } ?? 1 << 20
    needs = EventNeeds(
      payloadBytes: payloadBytes, controlBytes: payloadBytes, frames: options.frames,
      transport: options.transport ? .all : .none)
    lines = TextLines(out, style: style, width: width)
  }

  package var out: OutputBuffer {
    _read { yield lines.out }
    _modify { yield &lines.out }
  }

  private var showsTransport: Bool { needs.transport == .all }

  package mutating func write(
    _ message: borrowing Message, _ context: MessageContext, payload: Span<UInt8>
  ) {
    MessageText.write(message, context, payload: payload, to: &lines)
    if showsTransport, let found = context.transport { write(found) }
  }

  private mutating func write(_ transport: MessageTransport) {
    let parts = transport.phrases
    if !parts.isEmpty { lines.writeDetail("tcp: " + parts.joined(separator: ", "), .dim) }
  }

  package mutating func write(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    ControlText.write(event, in: session, payload: payload, to: &lines)
  }

  package mutating func write(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {
    FrameText.write(frame, in: session, to: &lines)
  }

  package mutating func write(_ event: Event) {
    switch event {
    case .opened(let event):
      // A line between conversations, but not in the middle of one that goes on.
      if openSessions == 0 { lines.separate() }
      openSessions += 1
      SessionOpenText(event: event).write(to: &lines)
    case .closed(let event):
      openSessions -= 1
      SessionCloseText(event: event, showsTransport: showsTransport).write(to: &lines)
    case .gap(let gap, let session): FindingText.write(gap, in: session, to: &lines)
    case .anomaly(let anomaly, let session): FindingText.write(anomaly, in: session, to: &lines)
    case .retransmission(let event, let session): FindingText.write(event, in: session, to: &lines)
    case .inputChanged(let event): CaptureText.write(event, to: &lines)
    case .ended(let summary): CaptureText.write(summary, to: &lines)
    }
  }
}
