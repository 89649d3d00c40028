import CaptureInput
import Sessions
import WireBytes

/// Reads a capture from its first packet to its last and feeds a sink.
public enum CaptureAnalysis {
  /// Analyzes the capture at `path`; `-` is standard input.
  ///
  /// Ends early when the sink wants no more. Returns what the input held. Throws `CaptureError` when it cannot be opened or has
  /// a link type that is not supported; an input that is damaged further on is analyzed up to there (`summary.damage`).
  @discardableResult
  public static func run(
    path: String, options: AnalysisOptions = AnalysisOptions(), sink: any EventSink
  ) throws(CaptureError) -> CaptureSummary {
    try run(CaptureReader(CaptureSelection(paths: [path])), options: options, sink: sink)
  }

  /// Analyzes what a reader gives; otherwise as above. `tap` sees every packet before it is analyzed. Every
  /// `packetsBetweenLooks` packets, which is a power of two, the sink's demand is asked for and `progress` told.
  package static func run(
    _ reader: consuming CaptureReader, options: AnalysisOptions = AnalysisOptions(), sink: any EventSink,
    tap: (any PacketTap)? = nil, packetsBetweenLooks: UInt64 = 4096,
    progress: (InputProgress) -> Void = { _ in }
  ) throws(CaptureError) -> CaptureSummary {
    let isOneFile = reader.isOneFile
    let source = try PacketSource(reader)
    if isOneFile, tap == nil, ReadAhead.isOfUse {
      return run(ahead: source, options: options, sink: sink, progress: progress)
    }
    var run = CaptureRun(source, options: options, sink: sink, tap: tap)
    while run.advance() {
      guard run.packets & (packetsBetweenLooks &- 1) == 0 else { continue }
      if sink.demand == .enough || MemoryShortage.isPresent { break }
      if let done = run.progress { progress(done) }
    }
    return run.finish()
  }

  private static func run(
    ahead source: consuming PacketSource, options: AnalysisOptions, sink: any EventSink,
    progress: (InputProgress) -> Void
  ) -> CaptureSummary {
    var pipeline = PacketPipeline(options: options, sink: sink)
    let ahead = ReadAhead(
      source, seed: pipeline.seed, judgesMessages: pipeline.decoding.wantsNoPayload)
    var batch = ahead.next(nil)
    while let next = batch, sink.demand == .more, !MemoryShortage.isPresent {
      pipeline.receive(next.packets)
      if let done = next.packets.progress { progress(done) }
      batch = ahead.next(next)
    }
    if let end = ahead.finish() { pipeline.note(end) }
    return pipeline.finish()
  }
}
