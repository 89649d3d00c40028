import Files
import WireBytes

/// Reads one capture: classic pcap or pcapng, compressed or not, from a file, a pipe or standard input. The first bytes
/// tell the format.
@safe public struct SavefileReader: ~Copyable {
  /// What messages call it.
  public let name: InputName

  /// The current packet's record. Its `number` counts packets.
  public private(set) var record = PacketRecord(
    number: 0, time: CaptureTime(nanoseconds: 0), originalLength: 0)

  private var block: InputBlock
  private let descriptor: DescriptorSource?
  private var place = PacketPlace(start: 0, count: 0)
  private let isPcapng: Bool
  /// Whether opening the path again would give the same packets.
  let canBeReopened: Bool
  /// Nil for pcapng.
  private let classic: ClassicPcap?
  private var pcapng = PcapngReader()
  /// Damage before the first packet, if reading could not go on after it.
  private var headDamage: RecordDamage?
  private var log = DamageLog()
  /// Where the current run of records began: after the file header, or after damage.
  private var resumedAt = UInt64(ClassicPcap.fileHeaderBytes)
  private var firstTime: CaptureTime?

  /// Opens a capture; `-` reads standard input from its current position. With `follows` it waits at the end of a regular
  /// file for more, until `SignalHandling` asks for the end. Throws when it is not a capture.
  public init(path: FilePath, follows: Bool = false) throws(CaptureError) {
    let name = path.isStandardInput ? InputName.standardInput : .file(path)
    let source = try openForReading(path, name: name, follows: follows)
    self.init(
      try Self.opened(source, name), name: name, descriptor: source,
      canBeReopened: !path.isStandardInput && source.size != nil)
  }

  private static func opened(_ source: DescriptorSource, _ name: InputName) throws(CaptureError)
    -> OpenedInput
  {
    do throws(CaptureError) {
      return try OpenedInput(source, name: name)
    } catch {
      guard source.wasInterrupted else { throw error }
      return OpenedInput(interrupted: source)
    }
  }

  /// Reads a capture from any source of bytes. Throws when it is not a capture.
  package init(_ source: any ByteSource, name: String) throws(CaptureError) {
    let name = InputName.other(name)
    self.init(try OpenedInput(source, name: name), name: name, descriptor: nil, canBeReopened: false)
  }

  private init(
    _ input: consuming OpenedInput, name: InputName, descriptor: DescriptorSource?, canBeReopened: Bool
  ) {
    (self.name, self.descriptor, self.canBeReopened) = (name, descriptor, canBeReopened)
    classic = input.classic
    isPcapng = input.classic == nil
    block = input.block
    if let classic {
      block.consume(ClassicPcap.fileHeaderBytes)
      record.linkType = classic.linkType
    } else {
      readHead()
    }
  }

  private mutating func readHead() {
    while true {
      do throws(RecordDamage) {
        return try pcapng.readHead(&block, &record)
      } catch {
        guard !isOnlyInterrupted(error), resume(after: error) else {
          headDamage = error
          return
        }
      }
    }
  }

  /// The link types that the capture has announced so far: one for a classic file, one per interface for pcapng.
  public var linkTypes: [Int32] { isPcapng ? pcapng.linkTypes : [record.linkType] }

  /// How far reading has got; nil when the input is not a regular file.
  public var progress: InputProgress? {
    guard let descriptor, let size = descriptor.size else { return nil }
    return InputProgress(bytesRead: descriptor.bytesRead, bytes: size)
  }

  /// What the capture says beside its packets, up to the current one.
  public var metadata: CaptureMetadata {
    mutating get {
      pcapng.settlePackets(record.number)
      return pcapng.metadata
    }
  }

  /// The bytes of the current packet, borrowed until the next `advance`.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get { block.bytes(from: place.start, place.count) }
  }

  /// Reads the next packet; false at the end of the file.
  ///
  /// After damage it resumes where records seem to begin again, and `takeDamage` reports that. Throws where there is no
  /// such place; the packets before remain valid, and nothing follows.
  public mutating func advance() throws(CaptureError) -> Bool {
    do throws(RecordDamage) {
      if let next = try advanceInBlock() {
        place = next
        if record.number == 1 { firstTime = record.time }
        return true
      }
      place = PacketPlace(start: 0, count: 0)
      return false
    } catch {
      return try advance(after: error)
    }
  }

  /// Passes the packets that are whole in the block to `body` until it returns false. It does what a loop of `advance`
  /// does, without a call and a copy for each packet. Does nothing for the less common kinds of files.
  mutating func forEachInBlock(
    _ body: (Span<UInt8>, _ number: UInt64, _ time: CaptureTime, _ originalLength: Int) -> Bool
  ) {
    guard let classic, classic.hasCommonRecords else { return }
    let (header, unit) = (ClassicPcap.commonRecordHeaderBytes, classic.nanosecondsPerUnit)
    while block.count >= header {
      let captured = Int(block.load(8))
      // No bytes at all, or more than have been read: left to `ClassicPcap.advance`.
      guard UInt(bitPattern: captured &- 1) < UInt(bitPattern: block.count &- header) else { return }
      record.number &+= 1
      record.time = CaptureTime(
        nanoseconds: Int64(block.load(0)) &* 1_000_000_000 &+ Int64(block.load(4)) &* unit)
      record.originalLength = Int(block.load(12))
      place = PacketPlace(start: block.next &+ header, count: captured)
      block.consume(header &+ captured)
      let bytes = block.bytes(from: place.start, captured)
      if !body(bytes, record.number, record.time, record.originalLength) { return }
    }
  }

  @inline(__always)
  private mutating func advanceInBlock() throws(RecordDamage) -> PacketPlace? {
    if isPcapng {
      if let headDamage { throw headDamage }
      return try pcapng.advance(&block, &record)
    }
    return try classic?.advance(&block, &record, previous: place)
  }

  // MARK: Damage

  @inline(never)
  private mutating func advance(after damage: RecordDamage) throws(CaptureError) -> Bool {
    var damage = damage
    while true {
      if isOnlyInterrupted(damage) {
        place = PacketPlace(start: 0, count: 0)
        return false
      }
      guard resume(after: damage) else {
        place = PacketPlace(start: 0, count: 0)
        throw describe(damage)
      }
      place = PacketPlace(start: 0, count: 0)
      do throws(RecordDamage) {
        guard let next = try advanceInBlock() else { return false }
        place = next
        return true
      } catch {
        damage = error
      }
    }
  }

  /// Whether a record is cut only because reading ended on request while its writer still had the rest in a buffer.
  private func isOnlyInterrupted(_ damage: RecordDamage) -> Bool {
    damage.isCut && descriptor?.wasInterrupted == true
  }

  /// Moves to where records seem to begin again, at least a byte further on. False when there is no such place.
  private mutating func resume(after damage: RecordDamage) -> Bool {
    if damage.isLast { return false }
    headDamage = nil
    if damage.blockBytes > 0 {
      block.consume(damage.blockBytes)
      note(
        damage, "this block of \(damage.blockBytes) bytes was skipped", skipped: UInt64(damage.blockBytes))
      return true
    }
    guard let classic else {
      guard block.has(1) else { return false }
      block.consume(1)
      guard pcapng.resynchronize(&block) else { return false }
      noteSkip(damage)
      return true
    }
    return resume(after: damage, classic)
  }

  /// A damaged length may have led over records. Then they are within the last packets.
  private mutating func resume(after damage: RecordDamage, _ classic: ClassicPcap) -> Bool {
    let start = block.offset
    let search = PcapResynchronization(
      format: classic, times: RecordTimes(firstTime.map { [$0, record.time] } ?? []))
    if damage.isCut, search.isOnlyCut(block) { return false }
    let known = min(UInt64(classic.lookBack(place)), start - min(start, resumedAt))
    if known > 1 {
      block.rewind(Int(known) - 1)
    } else {
      guard block.has(1) else { return false }
      block.consume(1)
    }
    let crossing = Int(clamping: start) - Int(clamping: block.offset)
    // Finding the damaged record again is no progress.
    guard search.findRecords(in: &block, crossing: crossing), block.offset != start else { return false }
    noteSkip(damage)
    return true
  }

  private mutating func noteSkip(_ damage: RecordDamage) {
    let here = block.offset
    resumedAt = here
    if here < damage.offset {
      note(
        damage,
        "the packets before it seem to be damaged, too; reading resumed within them, at byte offset \(here), "
          + "where records seem to begin (inferred)", skipped: 0)
    } else {
      let skipped = here - damage.offset
      note(
        damage,
        "\(skipped) bytes were skipped, up to byte offset \(here), where "
          + "\(isPcapng ? "blocks" : "records") seem to begin again (inferred)", skipped: skipped)
    }
  }

  private mutating func note(_ damage: RecordDamage, _ consequence: String, skipped: UInt64) {
    let words = words(damage, after: record.number)
    log.add("\(words); \(consequence)", skipped: skipped)
  }

  private func words(_ damage: RecordDamage, after packet: UInt64) -> String {
    let unit = block.isDecompressed ? " of the decompressed data" : ""
    return "\(name) is \(damage.isCut ? "cut" : "damaged") after packet \(packet), "
      + "byte offset \(damage.offset)\(unit): \(damage.what)"
  }

  private func describe(_ damage: RecordDamage) -> CaptureError {
    let advice =
      damage.isCut
      ? "copy the file again if there is a complete one, or use --follow-file while it is being written"
      : damage.isLast
        ? "nothing more can be read" : "nothing after it looks like \(isPcapng ? "a block" : "a record")"
    return CaptureError(
      "\(words(damage, after: record.number)); everything before it was read; \(advice)")
  }

  /// The damage since the last call after which reading resumed, in words.
  public mutating func takeDamage() -> [String] {
    defer { log = DamageLog() }
    return log.lines(name)
  }
}
