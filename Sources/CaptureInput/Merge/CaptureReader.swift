import WireBytes

/// Reads everything that was selected as one capture: one file, or several in the order of time.
///
/// Packets of several files are numbered as in the file that `mergecap` would make of them. `fileIndex` and
/// `fileNumber` say where the current packet came from.
public struct CaptureReader: ~Copyable {
  /// What messages call the input as a whole.
  public let name: InputName
  /// The file of the current packet: an index into `files`.
  public private(set) var fileIndex = 0
  /// The names of the inputs, in the order in which they are read.
  public private(set) var files: [InputName]

  private var reader: SavefileReader
  private let merge: CaptureMerge?
  private let follows: Bool
  private let filter: PacketFilter?
  /// Whether there is neither merging nor filtering.
  private let isPlain: Bool
  /// Packets of all inputs so far.
  private var number: UInt64 = 0
  private var endings: [InputEnding] = []
  private var damage: [String] = []

  /// Opens what was selected. Throws when none of it can be read. Of several inputs, those that cannot be read are
  /// reported as damage.
  public init(_ selection: CaptureSelection) throws(CaptureError) {
    let members = try selection.members
    guard members.count == 1 || !selection.follows else {
      throw CaptureError("only one file can be followed, and \(members.count) were named")
    }
    let filter = selection.filter.map { PacketFilter($0) }
    let merge = members.count == 1 ? nil : try CaptureMerge(members)
    reader = try Self.firstReader(of: members, merge, selection, filter)
    (self.filter, self.merge) = (filter, merge)
    isPlain = merge == nil && filter == nil
    follows = selection.follows
    files = [reader.name]
    name = merge == nil ? reader.name : .other("the \(members.count) captures")
    damage = merge?.takeDamage() ?? []
    endings = merge?.takeEndings() ?? []
  }

  /// Reads what an interface captures; capturing must have been started. Returns when the first packet has come, or when
  /// none will come.
  public init(_ live: LiveCapture) throws(CaptureError) {
    reader = try SavefileReader(live.ring, name: live.options.interface)
    (filter, merge, isPlain, follows) = (nil, nil, true, true)
    name = .other(live.options.interface)
    files = [name]
  }

  private static func firstReader(
    of members: [CaptureSelection.Member], _ merge: CaptureMerge?, _ selection: CaptureSelection,
    _ filter: PacketFilter?
  ) throws(CaptureError) -> SavefileReader {
    if let merge {
      try filter?.prepare(for: merge.linkTypes)
      return try merge.begin()
    }
    let reader = try SavefileReader(path: members[0].path, follows: selection.follows)
    try filter?.prepare(for: reader.linkTypes)
    return reader
  }

  /// The current packet, numbered through all inputs.
  @inline(__always)
  public var record: PacketRecord {
    var record = reader.record
    record.number = number
    return record
  }

  /// The current packet's number in its own file, as Wireshark shows it.
  public var fileNumber: UInt64 { reader.record.number }

  /// Whether packets come from more than one file.
  public var hasSeveralFiles: Bool { merge != nil }

  /// The bytes of the current packet, borrowed until the next `advance`.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    @inline(__always) get { reader.bytes }
  }

  /// The link types that the inputs have announced so far.
  public var linkTypes: [Int32] { merge?.linkTypes ?? reader.linkTypes }

  /// Reads the next packet; false at the end of all inputs. A damaged input ends at its damage, which `finish` reports.
  public mutating func advance() -> Bool {
    if isPlain { return advanceAlone() }
    while merge == nil ? advanceAlone() : advanceMerged() {
      if filter?.matches(reader.record, reader.bytes) ?? true { return true }
    }
    return false
  }

  /// Passes packets to `body` as long as it returns true and `advance` would have nothing special to do, which may be
  /// never. All of them have the link type and the file of the current packet.
  public mutating func forEachInBlock(
    _ body: (Span<UInt8>, _ number: UInt64, _ time: CaptureTime, _ originalLength: Int) -> Bool
  ) {
    guard isPlain else { return }
    reader.forEachInBlock(body)
    // There is only one input, so its numbers are those of the capture.
    number = reader.record.number
  }

  private mutating func advanceAlone() -> Bool {
    guard advanceReader() else { return false }
    number &+= 1
    return true
  }

  /// Packets come from `reader` as long as no other input has an earlier one.
  private mutating func advanceMerged() -> Bool {
    guard let merge else { return false }
    // `begin` has read the first packet, if there is one.
    let isThere = number == 0 ? reader.record.number > 0 : advanceReader()
    if isThere && reader.record.time.nanoseconds <= merge.earliest {
      number &+= 1
      return true
    }
    let before = reader.name
    let bytesRead = isThere ? 0 : reader.progress?.bytesRead ?? 0
    if !isThere {
      endings.append(InputEnding(&reader))
      damage += reader.takeDamage()
    }
    guard merge.exchange(&reader, keeping: isThere) else { return false }
    // The reader that comes after the last packet is still the one that ended, and counts itself.
    merge.ended(bytesRead)
    damage += merge.takeDamage()
    if reader.name != before { note(file: reader.name) }
    number &+= 1
    return true
  }

  private mutating func advanceReader() -> Bool {
    do throws(CaptureError) {
      return try reader.advance()
    } catch {
      damage.append(error.description)
      return false
    }
  }

  private mutating func note(file: InputName) {
    if let index = files.lastIndex(of: file) {
      fileIndex = index
    } else {
      files.append(file)
      fileIndex = files.count - 1
    }
  }

  /// Whether the input is one complete regular file, so that reads never block.
  public var isOneFile: Bool { merge == nil && !follows && reader.progress != nil }

  /// How far reading has got, in bytes of the files as stored; nil when it cannot be known.
  public var progress: InputProgress? {
    guard let alone = reader.progress else { return nil }
    guard let merge else { return alone }
    return InputProgress(bytesRead: merge.bytesRead &+ alone.bytesRead, bytes: merge.bytes)
  }

  /// Ends reading, and returns what is to be reported about the inputs.
  public mutating func finish() -> InputSummary {
    if merge == nil { endings.append(InputEnding(&reader)) }
    damage = reader.takeDamage() + damage
    let refusals = (filter?.refusals ?? []).map {
      "packets of link type \($0.linkType) were left out because the filter does not apply to them: \($0.why)"
    }
    return InputSummary(inputs: endings, damage: damage + (merge?.takeDamage() ?? []) + refusals)
  }
}
