import SessionAnalysis
import WebSocketDecoding
import WireBytes

/// A stage in front of another sink: a filter, or an export of packets that learns from events which sessions there are.
///
/// It passes on what it does not take for itself; what it needs on top of `next` it adds to `needs`.
package protocol EventStage: EventSink {
  /// Where events go on to.
  var next: any EventSink { get }
}

extension EventStage {
  package var needs: EventNeeds { next.needs }
  package var demand: Demand { next.demand }

  package func message(
    _ message: borrowing Message, _ context: MessageContext, payload: Span<UInt8>
  ) {
    next.message(message, context, payload: payload)
  }

  package func message(
    _ message: borrowing Message, _ context: MessageContext, buffer payload: inout PayloadBuffer
  ) {
    next.message(message, context, buffer: &payload)
  }

  package func control(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    next.control(event, in: session, payload: payload)
  }

  package func frame(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {
    next.frame(frame, in: session, payload: payload)
  }

  package func event(_ event: Event) { next.event(event) }
}
