internal import CaptureInput
internal import Files
internal import Pipeline

/// An analysis in progress, with the events that it has found and nobody has taken yet.
final class Reading {
  private let events: EventCollector
  /// nil after the end of the capture, when the file is closed.
  private var run: CaptureRun?

  init(path: FilePath, options: WebSocketEvents.Options) throws(CaptureInput.CaptureError) {
    events = EventCollector(
      maximumPayload: options.maximumPayload, includesFrames: options.includesFrames)
    run = try CaptureRun(
      CaptureReader(CaptureSelection(paths: [path])), options: options.analysis, sink: events)
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
