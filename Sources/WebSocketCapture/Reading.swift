internal import CaptureInput
internal import SessionTimeline

/// An analysis in progress, with the events that it has found and nobody has taken yet.
final class Reading {
  private let events: EventCollector
  /// nil after the end of the capture, when the file is closed.
  private var run: CaptureRun?

  init(path: String, options: AnalysisOptions) throws(CaptureInput.CaptureError) {
    events = EventCollector(maximumPayload: options.decoding.keptPayload)
    run = try CaptureRun(path: path, options: options, report: events)
  }

  /// Reads packets until they give an event; nil after the end of the capture.
  func next() -> WebSocketEvent? {
    while true {
      if let event = events.take() { return event }
      guard let advanced = run?.advance() else { return nil }
      if !advanced {
        _ = run?.finish()
        run = nil
      }
    }
  }
}
