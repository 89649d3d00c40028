import CaptureInput
import PacketLayers
import WireBytes

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
    var reader = try SavefileReader(path: path)
    var decoder = try packetDecoder(linkType: reader.linkType, name: reader.name)
    var pipeline = PacketPipeline(options: options, report: report)
    do throws(CaptureError) {
      while try reader.advance() {
        pipeline.receive(reader.bytes, reader.record, through: &decoder)
        if reader.record.number & 0xFFF == 0, shouldStop() { break }
      }
    } catch {
      pipeline.note(damage: error.description)
    }
    let fragments = decoder.fragmentCounts
    let givenUp = fragments.timedOut + fragments.evictedByCount + fragments.evictedByMemory
    pipeline.note(incompleteDatagrams: decoder.incompleteDatagrams + Int(clamping: givenUp))
    return pipeline.finish()
  }

  private static func packetDecoder(linkType: Int32, name: String) throws(CaptureError) -> PacketDecoder {
    do {
      return try PacketDecoder(linkType: linkType)
    } catch {
      throw CaptureError("\(name): \(error)")
    }
  }
}
