import SessionAnalysis
import WebSocketDecoding
import WireBytes

/// Shows a sink no more of a payload than it wants, where the analysis reads more than that: what is shown must not change what
/// is found. Only made for a sink that wants less than a heartbeat of an application may have.
package final class ShorteningSink: EventSink {
  private let sink: any EventSink
  /// Those of the sink.
  package let needs: EventNeeds

  /// In front of a sink.
  package init(_ sink: any EventSink) { (self.sink, needs) = (sink, sink.needs) }

  /// Payload bytes that the analysis reads for a sink with these needs.
  package static func payloadBytes(for needs: EventNeeds) -> Int {
    needs.messages ? max(needs.payloadBytes, HeartbeatText.longest) : needs.payloadBytes
  }

  package var demand: Demand { sink.demand }

  package func message(_ message: borrowing Message, _ context: MessageContext, payload: Span<UInt8>) {
    // Marks may take more room than what they are for.
    sink.message(message, context, payload: context.redactedFrom == nil ? shown(payload) : payload)
  }

  package func control(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    sink.control(event, in: session, payload: payload)
  }

  package func frame(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {
    sink.frame(frame, in: session, payload: shown(payload))
  }

  package func event(_ event: Event) { sink.event(event) }

  @_lifetime(copy payload)
  private func shown(_ payload: Span<UInt8>) -> Span<UInt8> {
    payload.extracting(0..<min(payload.count, needs.payloadBytes))
  }
}
