import Output
import SessionAnalysis
import Sessions
import WebSocketDecoding
import WireBytes

/// Writes down what a capture is said to show, a line an event, without what depends on how much of it was asked for.
final class Storyteller: WritingSink {
  let needs: EventNeeds
  private(set) var lines: [String] = []
  private(set) var summary: CaptureSummary?
  private let tellsPayloads: Bool

  /// `tellsPayloads`: what the payloads are, as far as `needs` has them.
  init(_ needs: EventNeeds, tellsPayloads: Bool = true) {
    (self.needs, self.tellsPayloads) = (needs, tellsPayloads)
  }

  var demand: Demand { .more }
  var failure: OutputFailure? { nil }

  func message(_ message: borrowing Message, _ context: MessageContext, payload: Span<UInt8>) {
    let message = copy message
    lines.append(
      "#\(context.session.number) \(message.side) \(message.opcode.rawValue) \(message.bytes) B in \(message.frames) "
        + "\(message.first.packet)-\(message.last.packet) \(message.complete) \(message.missingBytes) \(told(payload))"
    )
  }

  func control(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    let frame = event.frame
    lines.append(
      "#\(session.number) \(frame.side) \(frame.opcode.rawValue) \(frame.bytes) B in \(frame.first.packet) "
        + "\(event.answers?.packet ?? 0) \(event.closeCode ?? 0) \(told(payload))")
  }

  func frame(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {}

  func event(_ event: Event) {
    switch event {
    case .opened(let open): lines.append("#\(open.session.number) opens in \(open.position.packet)")
    case .gap(let gap, let session):
      lines.append("#\(session.number) \(gap.side) lost \(gap.bytes) B at \(gap.position.packet)")
    case .anomaly(let anomaly, let session):
      lines.append("#\(session.number) \(anomaly.rule.name) in \(anomaly.position.packet): \(anomaly.detail)")
    case .closed(let close):
      lines.append(
        "#\(close.session.number) closed in \(close.position.packet) by \(String(describing: close.closedBy))"
      )
      lines.append("  \(close.outcome) \(counts(close.client)) \(counts(close.server))")
    case .ended(let summary): self.summary = summary
    case .retransmission, .inputChanged: break
    }
  }

  private func told(_ payload: Span<UInt8>) -> String {
    tellsPayloads ? "\(payload.count):\(checksum(payload.toArray()))" : "-"
  }

  private func counts(_ side: SideCounts) -> String {
    "\(side.messages) messages, \(side.bytes) B, \(side.frames) frames, \(side.wireBytes) wire, \(side.lostBytes) lost, "
      + "\(side.unexplainedBytes) unexplained"
  }
}
