import CaptureInput
import PacketLayers
import WireBytes

/// An analysis that its caller drives packet by packet. The report hears of every event before `advance`
/// returns, so a caller that wants no more events simply stops.
public struct CaptureRun: ~Copyable {
  private var reader: SavefileReader
  private var decoder: PacketDecoder
  private var pipeline: PacketPipeline

  /// Opens the capture at `path`; `-` is standard input. Throws when it cannot be opened or has a link type
  /// that is not supported.
  public init(
    path: String, options: AnalysisOptions = AnalysisOptions(), report: any TimelineReport
  ) throws(CaptureError) {
    let reader = try SavefileReader(path: path)
    decoder = try Self.packetDecoder(linkType: reader.linkType, name: reader.name)
    self.reader = reader
    pipeline = PacketPipeline(options: options, report: report)
  }

  private static func packetDecoder(linkType: Int32, name: String) throws(CaptureError) -> PacketDecoder {
    do {
      return try PacketDecoder(linkType: linkType)
    } catch {
      throw CaptureError("\(name): \(error)")
    }
  }

  /// Packets read so far.
  public var packets: UInt64 { reader.record.number }

  /// Analyzes the next packet. False at the end of the input, and where it is damaged: the summary says so
  /// then.
  @inline(__always)
  public mutating func advance() -> Bool {
    do throws(CaptureError) {
      guard try reader.advance() else { return false }
      pipeline.receive(reader.bytes, reader.record, through: &decoder)
      return true
    } catch {
      pipeline.note(damage: error.description)
      return false
    }
  }

  /// Reports what is still open, and the summary. Nothing may follow.
  public mutating func finish() -> CaptureSummary {
    let fragments = decoder.fragmentCounts
    let givenUp = fragments.timedOut + fragments.evictedByCount + fragments.evictedByMemory
    pipeline.note(incompleteDatagrams: decoder.incompleteDatagrams + Int(clamping: givenUp))
    return pipeline.finish()
  }
}
