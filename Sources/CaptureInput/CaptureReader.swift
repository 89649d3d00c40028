import WireBytes

/// Reads everything that was selected as one capture: one file, or several in the order of time.
///
/// Packets of several files are numbered as in the one file that `mergecap` would make of them. `fileNumber` and
/// `fileName` say where the packet at hand stands.
public struct CaptureReader: ~Copyable {
  /// What messages call the whole input.
  public let name: String
  /// Where the packet at hand stands: an index into `files`.
  public private(set) var fileIndex = 0
  /// The inputs by name, in the order in which they are read.
  public private(set) var files: [String]

  private var reader: SavefileReader
  private var merge: CaptureMerge?
  /// Packets of all inputs so far.
  private var number: UInt64 = 0
  private var endings: [InputEnding] = []
  private var damage: [String] = []

  /// Opens what was selected. Throws when none of it can be used; of several inputs those that cannot are
  /// reported as damage.
  public init(_ selection: CaptureSelection) throws(CaptureError) {
    let members = try selection.members
    if members.count == 1 {
      reader = try SavefileReader(path: members[0].path, follows: selection.follows)
      (name, merge, files) = (reader.name, nil, [reader.name])
      return
    }
    guard !selection.follows else {
      throw CaptureError("only one file can be followed, and \(members.count) were named")
    }
    let merge = try CaptureMerge(members)
    reader = try merge.begin()
    name = "the \(members.count) captures"
    (files, damage) = ([reader.name], merge.takeDamage())
    self.merge = merge
  }

  /// The packet at hand, numbered through all inputs.
  @inline(__always)
  public var record: PacketRecord {
    var record = reader.record
    record.number = number
    return record
  }

  /// Its number in its own file, as Wireshark shows it.
  public var fileNumber: UInt64 { reader.record.number }

  /// Whether packets come from more than one file.
  public var hasSeveralFiles: Bool { merge != nil }

  /// The bytes of the packet at hand, borrowed until the next `advance`.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    @inline(__always) get { reader.bytes }
  }

  /// The link types that the inputs have announced so far.
  public var linkTypes: [Int32] { merge?.linkTypes ?? reader.linkTypes }

  /// Reads the next packet; false at the end of all inputs. One that is damaged ends there: `finish` says so.
  @inline(__always)
  public mutating func advance() -> Bool {
    if merge != nil { return advanceMerged() }
    do throws(CaptureError) {
      guard try reader.advance() else { return false }
      number &+= 1
      return true
    } catch {
      damage.append(error.description)
      return false
    }
  }

  /// The packet at hand stays that of `reader` as long as no other input has an earlier one.
  private mutating func advanceMerged() -> Bool {
    guard let merge else { return false }
    // `begin` has read the first packet, if there is one.
    let isThere = number == 0 ? reader.record.number > 0 : advanceReader()
    if isThere && reader.record.time.nanoseconds <= merge.earliest {
      number &+= 1
      return true
    }
    let before = reader.name
    if !isThere { endings.append(InputEnding(&reader)) }
    guard merge.exchange(&reader, keeping: isThere) else { return false }
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

  private mutating func note(file: String) {
    if let index = files.lastIndex(of: file) {
      fileIndex = index
    } else {
      files.append(file)
      fileIndex = files.count - 1
    }
  }

  /// What there is to say of the inputs when they have been read.
  public mutating func finish() -> InputSummary {
    if merge == nil { endings.append(InputEnding(&reader)) }
    return InputSummary(inputs: endings, damage: damage + (merge?.takeDamage() ?? []))
  }
}

/// What there is to say of all inputs beside their packets.
public struct InputSummary: Sendable {
  /// In the order in which they ended.
  public var inputs: [InputEnding]
  /// Why inputs could not be read, or not to their end.
  public var damage: [String]
}

/// What there is to say of an input when it has been read.
public struct InputEnding: Sendable {
  /// As messages call it.
  public var name: String
  /// Packets in it.
  public var packets: UInt64
  /// What it says beside its packets.
  public var notes: CaptureNotes

  init(_ reader: inout SavefileReader) {
    (name, packets, notes) = (reader.name, reader.record.number, reader.notes)
  }
}
