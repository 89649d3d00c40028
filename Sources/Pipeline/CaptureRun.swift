import CaptureInput
import Sessions
import WireBytes

/// An analysis that its caller drives packet by packet. The sink gets every event before `advance`
/// returns, so a caller that wants no more events simply stops.
public struct CaptureRun: ~Copyable {
  private var source: PacketSource
  private var pipeline: PacketPipeline
  /// Which of several inputs the last packet was from.
  private var fileIndex = -1
  private let tap: (any PacketTap)?

  /// Opens the capture at `path`; `-` is standard input. Throws when it cannot be opened or has a link type
  /// that is not supported.
  public init(
    path: String, options: AnalysisOptions = AnalysisOptions(), sink: any EventSink
  ) throws(CaptureError) {
    try self.init(CaptureReader(CaptureSelection(paths: [path])), options: options, sink: sink)
  }

  /// Analyzes what a reader gives. Throws when nothing of it has a link type that is supported.
  public init(
    _ reader: consuming CaptureReader, options: AnalysisOptions = AnalysisOptions(),
    sink: any EventSink
  ) throws(CaptureError) {
    try self.init(PacketSource(reader), options: options, sink: sink)
  }

  init(
    _ source: consuming PacketSource, options: AnalysisOptions, sink: any EventSink,
    tap: (any PacketTap)? = nil
  ) {
    self.tap = tap
    self.source = source
    pipeline = PacketPipeline(options: options, sink: sink)
  }

  /// Packets read so far.
  public var packets: UInt64 { source.reader.record.number }

  /// Analyzes the next packet. False at the end of the input, and where it is damaged: the summary says so
  /// then.
  public mutating func advance() -> Bool {
    guard source.advance() else { return false }
    let record = source.reader.record
    if source.reader.fileIndex != fileIndex { changeInput(record) }
    if source.isSupported {
      pipeline.receive(
        source.reader.bytes, record.number, record.time, record.originalLength, through: &source.decoder)
    } else {
      pipeline.receiveUnsupported(record)
    }
    return true
  }

  @inline(never)
  private mutating func changeInput(_ record: PacketRecord) {
    if let tap {
      // The file never counts as the same one, so that every packet passes here: runs without a tap pay nothing for it.
      tap.packet(source.reader.bytes, record)
      return
    }
    fileIndex = source.reader.fileIndex
    guard source.reader.hasSeveralFiles else { return }
    pipeline.sink.event(
      .inputChanged(
        InputChange(
          file: source.reader.files[fileIndex], packet: record.number,
          filePacket: source.reader.fileNumber,
          time: record.time)))
  }

  /// How far the reading of files is; nil when it cannot be known.
  public var progress: InputProgress? { source.reader.progress }

  /// Reports what is still open, and the summary. Nothing may follow.
  public mutating func finish() -> CaptureSummary {
    pipeline.note(source.finish())
    return pipeline.finish()
  }
}
