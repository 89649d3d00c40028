import Sessions

/// Each event as one JSON object: the names and shapes of docs/json.md, whatever document it is part of.
enum EventJSON {
  /// Writes an event that is neither a message nor a frame.
  static func write(_ event: Event, to json: inout JSONWriter) {
    switch event {
    case .opened(let event):
      SessionOpenJSON(event: event).write(to: &json)
    case .gap(let gap, let session): FindingJSON.write(gap, in: session, to: &json)
    case .anomaly(let anomaly, let session): FindingJSON.write(anomaly, in: session, to: &json)
    case .retransmission(let event, let session): FindingJSON.write(event, in: session, to: &json)
    case .closed(let event): SessionCloseJSON(event: event).write(to: &json)
    case .inputChanged(let event): InputChangeJSON.write(event, to: &json)
    case .ended(let summary): CaptureEndJSON(summary: summary).write(to: &json)
    }
  }
}
