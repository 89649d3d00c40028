internal import DequeModule
internal import SessionTimeline
internal import WebSocketDecoding
internal import WireBytes

/// Turns what the timeline reports into values that own what they hold, and keeps them until somebody takes them.
final class EventCollector: TimelineReport {
  private var events: Deque<WebSocketEvent> = []
  private let maximumPayload: Int

  init(maximumPayload: Int) { self.maximumPayload = maximumPayload }

  func take() -> WebSocketEvent? { events.popFirst() }

  func sessionOpened(_ event: SessionOpen) { events.append(.sessionOpened(.init(event))) }

  func message(
    _ message: borrowing WebSocketDecoding.Message, in session: SessionReference, missing: [MissingRange],
    payload: Span<UInt8>
  ) {
    events.append(
      .message(.init(message, in: session.number, missing: missing, payload: kept(payload))))
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

  func gap(_ gap: Gap, in session: SessionReference) { events.append(.gap(.init(gap, in: session.number))) }

  func anomaly(_ anomaly: Anomaly, in session: SessionReference) {
    events.append(.anomaly(.init(anomaly, in: session.number)))
  }

  func sessionClosed(_ event: SessionClose) { events.append(.sessionClosed(.init(event))) }

  func captureEnded(_ summary: CaptureSummary) { events.append(.captureEnded(.init(summary))) }

  /// The payload of a message in one packet comes whole, however little of longer ones the decoders keep.
  private func kept(_ payload: Span<UInt8>) -> [UInt8] { payload.extracting(first: maximumPayload).toArray() }
}
