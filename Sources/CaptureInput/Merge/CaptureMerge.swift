import Files

/// The inputs that wait while another one is read, each of them positioned at its next packet.
///
/// A regular file is opened only when its first packet is due, so of a thousand rotated files one is open at a time.
final class CaptureMerge {
  /// The time of the earliest packet of the waiting inputs, in nanoseconds; `.max` when none is waiting.
  private(set) var earliest = Int64.max
  /// Bytes of all files.
  private(set) var bytes: UInt64 = 0
  /// Bytes of those that were read to their end.
  private var endedBytes: UInt64 = 0
  /// The link types of all inputs, as far as they announce them before their first packets.
  private(set) var linkTypes: [Int32] = []

  /// Files that are not opened yet, the latest first.
  private var unopened: [Unopened] = []
  private var open: [OpenInput] = []
  /// An input without packets, which is read when no other one has any.
  private var empty: OpenInput?
  private var damage: [String] = []
  /// Those of inputs without packets, which may hold secrets for the packets of others.
  private var endings: [InputEnding] = []

  private struct Unopened {
    let path: FilePath
    let firstTime: Int64
  }

  /// An input that is positioned at its next packet.
  private final class OpenInput {
    var reader: SavefileReader?
    var time: Int64

    var bytesRead: UInt64 { reader?.progress?.bytesRead ?? 0 }

    init(_ reader: consuming SavefileReader) {
      time = CaptureMerge.time(of: reader)
      self.reader = consume reader
    }
  }

  /// Reads the first packet of each input. Throws when none of them can be read.
  init(_ members: [CaptureSelection.Member]) throws(CaptureError) {
    for member in members { look(at: member) }
    guard !unopened.isEmpty || !open.isEmpty || empty != nil else {
      throw CaptureError(damage.first ?? "none of the \(members.count) files is a capture")
    }
    // The sort is stable: of inputs with equal times, the one named first comes first.
    unopened = Array(unopened.sorted { $0.firstTime < $1.firstTime }.reversed())
    lookAhead()
  }

  private func look(at member: CaptureSelection.Member) {
    do throws(CaptureError) {
      var reader = try SavefileReader(path: member.path)
      linkTypes += reader.linkTypes
      bytes &+= reader.progress?.bytes ?? 0
      guard try reader.advance() else {
        damage += reader.takeDamage()
        endings.append(InputEnding(&reader))
        ended(reader.progress?.bytesRead ?? 0)
        if empty == nil { empty = OpenInput(reader) }
        return
      }
      if reader.canBeReopened {
        unopened.append(Unopened(path: member.path, firstTime: Self.time(of: reader)))
      } else {
        open.append(OpenInput(reader))
      }
    } catch {
      // A directory may hold other files, too.
      if !(member.isFound && error.isAboutOtherFile) { damage.append(error.description) }
    }
  }

  /// The input with the earliest packet of all, positioned at that packet, unless no input has one.
  func begin() throws(CaptureError) -> SavefileReader {
    while !unopened.isEmpty || !open.isEmpty {
      guard let index = earliestOpen() else { continue }
      let input = open.remove(at: index)
      lookAhead()
      if let reader = input.reader.take() { return reader }
    }
    if let reader = empty?.reader.take() {
      // It is read now, so it ends like any other.
      endings.removeFirst()
      endedBytes &-= reader.progress?.bytesRead ?? 0
      return reader
    }
    throw CaptureError(damage.first ?? "none of the captures can be read")
  }

  /// Replaces `reader` by the input with the next packet. With `keeping` the replaced one waits; otherwise it has ended
  /// and is dropped. False when there are no more packets.
  func exchange(_ reader: inout SavefileReader, keeping: Bool) -> Bool {
    while earliest < .max {
      if keeping && Self.time(of: reader) <= earliest { return true }
      if let index = earliestOpen(), var other = open[index].reader.take() {
        swap(&reader, &other)
        if keeping {
          open[index].time = Self.time(of: other)
          open[index].reader = consume other
        } else {
          open.remove(at: index)
        }
        lookAhead()
        return true
      }
      lookAhead()
    }
    return keeping
  }

  /// Bytes read from the waiting inputs and from those that have ended.
  var bytesRead: UInt64 { open.reduce(endedBytes) { $0 &+ $1.bytesRead } }

  /// Counts the bytes of an input that has ended.
  func ended(_ bytesRead: UInt64) { endedBytes &+= bytesRead }

  func takeDamage() -> [String] {
    defer { damage = [] }
    return damage
  }

  /// The index in `open` of the input with the earliest packet, after opening it if need be; nil if it cannot be opened.
  private func earliestOpen() -> Int? {
    let index = open.indices.min { open[$0].time < open[$1].time }
    guard let next = unopened.last, next.firstTime < index.map({ open[$0].time }) ?? .max else {
      return index
    }
    unopened.removeLast()
    do throws(CaptureError) {
      var reader = try SavefileReader(path: next.path)
      guard try reader.advance() else { return nil }
      open.append(OpenInput(reader))
      return open.count - 1
    } catch {
      damage.append(error.description)
      return nil
    }
  }

  func takeEndings() -> [InputEnding] {
    defer { endings = [] }
    return endings
  }

  /// Always below `.max`, which means that there is no packet.
  private static func time(of reader: borrowing SavefileReader) -> Int64 {
    min(reader.record.time.nanoseconds, .max - 1)
  }

  private func lookAhead() {
    let opened = open.reduce(Int64.max) { min($0, $1.time) }
    earliest = min(opened, unopened.last?.firstTime ?? .max)
  }
}
