import SessionAnalysis
import Sessions
import WebSocketDecoding
import WireBytes

/// What a sink heard, as far as these tests ask.
package final class Heard: EventSink {
  package let needs: EventNeeds
  package private(set) var opened: [SessionOpen] = []
  package private(set) var closed: [SessionClose] = []
  package private(set) var anomalies: [(session: UInt64, anomaly: Anomaly)] = []
  /// Those of sessions that had ended by then.
  package private(set) var lateAnomalies: [Anomaly] = []
  package private(set) var controls: [ControlEvent] = []
  package private(set) var shownControlBytes: [Int] = []
  package private(set) var summary = CaptureSummary()
  /// What TCP did to each message: nil where nothing was said.
  package private(set) var transports: [MessageTransport?] = []
  /// Payload bytes that were shown of each message.
  package private(set) var shownBytes: [Int] = []
  package private(set) var retransmissions: [Retransmission] = []

  package init(_ needs: EventNeeds) { self.needs = needs }

  package var demand: Demand { .more }

  package func message(_ message: borrowing Message, _ context: MessageContext, payload: Span<UInt8>) {
    transports.append(context.transport)
    shownBytes.append(payload.count)
  }

  package func control(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    controls.append(event)
    shownControlBytes.append(payload.count)
  }

  package func frame(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {}

  package func event(_ event: Event) {
    switch event {
    case .opened(let event): opened.append(event)
    case .anomaly(let anomaly, let session):
      anomalies.append((session.number, anomaly))
      if closed.contains(where: { $0.session.number == session.number }) { lateAnomalies.append(anomaly) }
    case .retransmission(let event, _): retransmissions.append(event)
    case .closed(let event): closed.append(event)
    case .ended(let summary): self.summary = summary
    case .gap, .inputChanged: break
    }
  }

  /// The names of the rules that were reported, in order.
  package var rules: [String] { anomalies.map { $0.anomaly.rule.name } }

  /// All that was reported, a line each with the number of its session.
  package var findings: [String] { anomalies.map { "#\($0.session) \($0.anomaly.finding)" } }
}
