import CaptureInput
import PacketLayers
import WireBytes

/// An analysis that its caller drives packet by packet. The report hears of every event before `advance`
/// returns, so a caller that wants no more events simply stops.
public struct CaptureRun: ~Copyable {
  private var reader: CaptureReader
  private var decoder: PacketDecoder
  private var pipeline: PacketPipeline
  /// That of the last packet, and whether it can be decoded.
  private var linkType: Int32
  private var isSupported = true
  /// Which of several inputs the last packet was from.
  private var fileIndex = -1
  private let sieve: ConnectionSieve?

  /// Opens the capture at `path`; `-` is standard input. Throws when it cannot be opened or has a link type
  /// that is not supported.
  public init(
    path: String, options: AnalysisOptions = AnalysisOptions(), report: any TimelineReport
  ) throws(CaptureError) {
    try self.init(CaptureReader(CaptureSelection(paths: [path])), options: options, report: report)
  }

  /// Analyzes what a reader gives. Throws when nothing of it has a link type that is supported.
  public init(
    _ reader: consuming CaptureReader, options: AnalysisOptions = AnalysisOptions(),
    report: any TimelineReport
  ) throws(CaptureError) {
    sieve = report as? ConnectionSieve
    let linkTypes = reader.linkTypes
    linkType = linkTypes.first { PacketDecoder.supports(linkType: $0) } ?? linkTypes.first ?? 1
    do {
      decoder = try PacketDecoder(linkType: linkType)
    } catch {
      throw CaptureError("\(reader.name): \(error)")
    }
    self.reader = reader
    pipeline = PacketPipeline(options: options, report: report)
  }

  /// Packets read so far.
  public var packets: UInt64 { reader.record.number }

  /// Analyzes the next packet. False at the end of the input, and where it is damaged: the summary says so
  /// then.
  @inline(__always)
  public mutating func advance() -> Bool {
    guard reader.advance() else { return false }
    let record = reader.record
    if reader.fileIndex != fileIndex { changeInput(record) }
    if record.linkType != linkType {
      linkType = record.linkType
      isSupported = decoder.use(linkType: linkType)
    }
    if isSupported {
      pipeline.receive(reader.bytes, record, through: &decoder)
    } else {
      pipeline.receiveUnsupported(record)
    }
    return true
  }

  @inline(never)
  private mutating func changeInput(_ record: PacketRecord) {
    if let sieve {
      // The file never counts as the same one, so that every packet comes by here: other runs pay nothing for it.
      sieve.take(reader.bytes, record)
      return
    }
    fileIndex = reader.fileIndex
    guard reader.hasSeveralFiles else { return }
    pipeline.report.inputChanged(
      InputChange(
        file: reader.files[fileIndex], packet: record.number, filePacket: reader.fileNumber,
        time: record.time))
  }

  /// How far the reading of files is; nil when it cannot be known.
  public var progress: InputProgress? { reader.progress }

  /// Reports what is still open, and the summary. Nothing may follow.
  public mutating func finish() -> CaptureSummary {
    let fragments = decoder.fragmentCounts
    let givenUp = fragments.timedOut + fragments.evictedByCount + fragments.evictedByMemory
    pipeline.note(incompleteDatagrams: decoder.incompleteDatagrams + Int(clamping: givenUp))
    pipeline.note(reader.finish())
    return pipeline.finish()
  }
}
