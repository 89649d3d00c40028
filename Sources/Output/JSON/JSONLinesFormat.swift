import SessionAnalysis
import Sessions
import WebSocketDecoding
import WireBytes

/// `--json`: one JSON object a line, in the order of the capture.
package struct JSONLinesFormat: OutputFormat, ~Copyable {
  package let needs: EventNeeds
  private var json: JSONWriter

  /// A format that writes to `out`.
  package init(_ out: consuming OutputBuffer, _ options: DisplayOptions) {
    needs = Self.needs(options)
    json = JSONWriter(out)
  }

  /// What JSON has of events, as lines or as a document.
  static func needs(_ options: DisplayOptions) -> EventNeeds {
    let payloadBytes = options.payloadBytes ?? 16 << 20
    return EventNeeds(
      payloadBytes: payloadBytes, controlBytes: payloadBytes, frames: options.frames,
      transport: options.transport ? .all : .remarkable)
  }

  package var out: OutputBuffer {
    @inline(__always) _read { yield json.out }
    @inline(__always) _modify { yield &json.out }
  }

  /// Takes out what was written into memory so far: a copy, because the compiler's optimizer fails where it is borrowed through `out`.
  mutating func takeLines() -> [UInt8] {
    let held = json.out.bytes.toArray()
    json.out.removeAll()
    return held
  }

  package mutating func write(
    _ message: borrowing Message, _ context: MessageContext, payload: Span<UInt8>
  ) {
    MessageJSON.write(message, context, payload: payload, to: &json)
    json.endLine()
  }

  package mutating func write(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    ControlJSON.write(event, in: session, payload: payload, to: &json)
    json.endLine()
  }

  package mutating func write(
    _ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>
  ) {
    FrameJSON.write(frame, in: session, payload: payload, to: &json)
    json.endLine()
  }

  package mutating func write(_ event: Event) {
    EventJSON.write(event, to: &json)
    json.endLine()
  }
}
