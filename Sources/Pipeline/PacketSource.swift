import CaptureInput
import PacketLayers

/// Reads packets and takes their headers apart.
struct PacketSource: ~Copyable {
  var reader: CaptureReader
  var decoder: PacketDecoder
  /// Of the batch before, where batches are read ahead.
  var totals = PacketTotals()
  /// That of the last packet, and whether it can be decoded.
  private var linkType: Int32
  private(set) var isSupported = true

  /// Throws when nothing of what a reader gives has a link type that is supported.
  init(_ reader: consuming CaptureReader) throws(CaptureError) {
    let linkTypes = reader.linkTypes
    linkType = linkTypes.first { PacketDecoder.supports(linkType: $0) } ?? linkTypes.first ?? 1
    do {
      decoder = try PacketDecoder(linkType: linkType)
    } catch {
      throw CaptureError("\(reader.name): \(error)")
    }
    self.reader = reader
  }

  /// Reads the next packet; false at the end of the input.
  @inline(__always)
  mutating func advance() -> Bool {
    guard reader.advance() else { return false }
    let seen = reader.record.linkType
    if seen != linkType {
      linkType = seen
      isSupported = decoder.use(linkType: seen)
    }
    return true
  }

  /// What there is to say when the input has been read.
  struct End {
    var inputs: InputSummary
    /// IP fragments whose datagram never became whole.
    var incompleteDatagrams: Int
  }

  mutating func finish() -> End {
    let fragments = decoder.fragmentCounts
    let givenUp = fragments.timedOut + fragments.evictedByCount + fragments.evictedByMemory
    return End(
      inputs: reader.finish(), incompleteDatagrams: decoder.incompleteDatagrams + Int(clamping: givenUp))
  }
}
