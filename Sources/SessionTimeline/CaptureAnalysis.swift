import CaptureInput

/// Reads a capture from its first packet to its last and feeds a report.
public enum CaptureAnalysis {
  /// Analyzes the capture at `path`; `-` is standard input.
  ///
  /// `shouldStop` is asked every so many packets: a report whose reader has gone ends the run.
  /// Returns what the input held. Throws `CaptureError` when it cannot be opened or has a link type that
  /// is not supported; an input that is damaged further on is analyzed up to there (`summary.damage`).
  public static func run(
    path: String, options: AnalysisOptions = AnalysisOptions(), report: any TimelineReport,
    shouldStop: () -> Bool = { false }
  ) throws(CaptureError) -> CaptureSummary {
    try run(
      CaptureReader(CaptureSelection(paths: [path])), options: options, report: report, shouldStop: shouldStop
    )
  }

  /// Analyzes what a reader gives; otherwise as above. Every `packetsBetweenLooks` packets, which is a power of two,
  /// `shouldStop` is asked and `progress` told.
  public static func run(
    _ reader: consuming CaptureReader, options: AnalysisOptions = AnalysisOptions(),
    report: any TimelineReport, packetsBetweenLooks: UInt64 = 4096, shouldStop: () -> Bool = { false },
    progress: (InputProgress) -> Void = { _ in }
  ) throws(CaptureError) -> CaptureSummary {
    let isOneFile = reader.isOneFile
    let source = try PacketSource(reader)
    if isOneFile, !(report is ConnectionSieve), ReadAhead.isOfUse {
      return run(ahead: source, options: options, report: report, shouldStop: shouldStop, progress: progress)
    }
    var run = CaptureRun(source, options: options, report: report)
    while run.advance() {
      guard run.packets & (packetsBetweenLooks &- 1) == 0 else { continue }
      if shouldStop() { break }
      if let done = run.progress { progress(done) }
    }
    return run.finish()
  }

  private static func run(
    ahead source: consuming PacketSource, options: AnalysisOptions, report: any TimelineReport,
    shouldStop: () -> Bool,
    progress: (InputProgress) -> Void
  ) -> CaptureSummary {
    var pipeline = PacketPipeline(options: options, report: report)
    let ahead = ReadAhead(
      source, seed: pipeline.seed, judgesMessages: options.decoding.wantsNoPayload)
    var batch = ahead.next(nil)
    while let next = batch, !shouldStop() {
      pipeline.receive(next.packets)
      if let done = next.packets.progress { progress(done) }
      batch = ahead.next(next)
    }
    if let end = ahead.finish() { pipeline.note(end) }
    return pipeline.finish()
  }
}
