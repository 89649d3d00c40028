internal import DequeModule
internal import SessionAnalysis
internal import Sessions
internal import WebSocketDecoding
internal import WireBytes

/// Turns events into values that own what they hold, and keeps them until somebody takes them.
final class EventCollector: EventSink {
  private var events: Deque<WebSocketEvent> = []
  let needs: EventNeeds

  init(maximumPayload: Int, includesFrames: Bool) {
    needs = EventNeeds(
      payloadBytes: maximumPayload, controlBytes: maximumPayload, frames: includesFrames)
  }

  /// Whoever reads the sequence stops by asking for no more packets.
  var demand: Demand { .more }

  func take() -> WebSocketEvent? { events.popFirst() }

  func message(
    _ message: borrowing WebSocketDecoding.Message, _ context: MessageContext,
    payload: Span<UInt8>
  ) {
    let isRedacted = context.redactedFrom != nil
    events.append(
      .message(
        .init(
          message, in: context.session.number, missing: context.missing,
          payload: isRedacted ? payload.toArray() : kept(payload), isRedacted: isRedacted)))
  }

  func control(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    switch event.frame.opcode {
    case .ping: events.append(.ping(.init(event, in: session.number, payload: kept(payload))))
    case .pong: events.append(.pong(.init(event, in: session.number, payload: kept(payload))))
    default: events.append(.close(.init(event, in: session.number, payload: payload)))
    }
  }

  func frame(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {
    events.append(.frame(.init(frame, in: session.number, payload: kept(payload))))
  }

  func event(_ event: Event) {
    switch event {
    case .opened(let event): events.append(.sessionOpened(.init(event)))
    case .gap(let gap, let session): events.append(.gap(.init(gap, in: session.number)))
    case .anomaly(let anomaly, let session): events.append(.anomaly(.init(anomaly, in: session.number)))
    case .closed(let event): events.append(.sessionClosed(.init(event)))
    case .ended(let summary): events.append(.captureEnded(.init(summary)))
    case .retransmission, .inputChanged: break
    }
  }

  /// The payload of a message in one packet comes whole, however little of longer ones the decoders keep.
  private func kept(_ payload: Span<UInt8>) -> [UInt8] {
    payload.extracting(first: needs.payloadBytes).toArray()
  }
}
