import Glibc
import WireBytes

/// Reads one capture: classic pcap or pcapng, packed or not, from a file, a pipe or standard input. What it is,
/// its first bytes say.
@safe public struct SavefileReader: ~Copyable {
  /// How the path is named in messages; `-` is standard input.
  public let name: String

  /// Counts packets, and says when and how long the one at hand is.
  public private(set) var record = PacketRecord(
    number: 0, time: CaptureTime(nanoseconds: 0), originalLength: 0)

  private var block: InputBlock
  private let descriptor: DescriptorSource?
  private var place = PacketPlace(start: 0, count: 0)
  private let isPcapng: Bool
  /// Whether opening the path again would give the same packets.
  let canBeReopened: Bool
  /// Of the two formats one is there.
  private let classic: ClassicPcap?
  private var pcapng = Pcapng()
  /// What is wrong with what stands before the first packet.
  private var headDamage: RecordDamage?

  /// Opens a capture; `-` reads standard input from where it stands. With `follows` the end of a regular file
  /// is waited at for more, until `Interruption` asks for the end.
  public init(path: String, follows: Bool = false) throws(CaptureError) {
    let name = path == "-" ? "standard input" : path
    let source = try openForReading(path, name: name, follows: follows)
    self.init(
      try OpenedInput(source, name: name), name: name, descriptor: source,
      canBeReopened: path != "-" && source.size != nil)
  }

  /// Reads a capture from any source of bytes.
  package init(_ source: any ByteSource, name: String) throws(CaptureError) {
    self.init(try OpenedInput(source, name: name), name: name, descriptor: nil, canBeReopened: false)
  }

  private init(
    _ input: consuming OpenedInput, name: String, descriptor: DescriptorSource?, canBeReopened: Bool
  ) {
    (self.name, self.descriptor, self.canBeReopened) = (name, descriptor, canBeReopened)
    classic = input.classic
    isPcapng = input.classic == nil
    block = input.block
    if let classic {
      block.consume(ClassicPcap.fileHeaderBytes)
      record.linkType = classic.linkType
    } else {
      do throws(RecordDamage) {
        try pcapng.readHead(&block, &record)
      } catch {
        headDamage = error
      }
    }
  }

  /// The link types that the capture has announced so far: one of a classic file, one an interface of pcapng.
  public var linkTypes: [Int32] { isPcapng ? pcapng.linkTypes : [record.linkType] }

  /// How far the reading is; nil when the input is no regular file.
  public var progress: InputProgress? {
    guard let descriptor, let size = descriptor.size else { return nil }
    return InputProgress(bytesRead: descriptor.bytesRead, bytes: size)
  }

  /// What the capture says beside its packets, up to the one at hand.
  public var notes: CaptureNotes {
    mutating get {
      pcapng.settlePackets(record.number)
      return pcapng.notes
    }
  }

  /// The bytes of the packet at hand, borrowed until the next `advance`.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get { block.bytes(from: place.start, place.count) }
  }

  /// Reads the next packet; false at the end of the file.
  ///
  /// Throws where the file is damaged: the packets before stay valid, nothing after can be read.
  @inline(__always)
  public mutating func advance() throws(CaptureError) -> Bool {
    do throws(RecordDamage) {
      if let next = try advanceInBlock() {
        place = next
        return true
      }
      place = PacketPlace(start: 0, count: 0)
      return false
    } catch {
      place = PacketPlace(start: 0, count: 0)
      throw describe(error)
    }
  }

  @inline(__always)
  private mutating func advanceInBlock() throws(RecordDamage) -> PacketPlace? {
    if isPcapng {
      if let headDamage { throw headDamage }
      return try pcapng.advance(&block, &record)
    }
    return try classic?.advance(&block, &record)
  }

  @inline(never)
  private func describe(_ damage: RecordDamage) -> CaptureError {
    let unpacked = block.isUnpacked ? " of what it unpacks to" : ""
    let advice =
      damage.isCut
      ? "copy the file again if it is whole elsewhere, or use --follow-file while it is being written"
      : "what follows cannot be found"
    return CaptureError(
      "\(name) is \(damage.isCut ? "cut" : "damaged") after packet \(record.number), "
        + "byte offset \(damage.offset)\(unpacked): \(damage.what); everything before it was read; \(advice)")
  }
}
