/// The inputs that wait while another one is read, each with its next packet at hand.
///
/// A regular file is opened when its first packet's turn comes, so of a thousand rotated files one is open.
final class CaptureMerge {
  /// When the next packet of the inputs that wait was captured; `.max` when none waits.
  private(set) var earliest = Int64.max
  /// Bytes of all files, and of those that were read to their end.
  private(set) var bytes: UInt64 = 0
  private var endedBytes: UInt64 = 0
  /// Of all inputs, as far as they were announced before the first packets.
  private(set) var linkTypes: [Int32] = []

  /// Not opened yet, the latest first.
  private var unopened: [Unopened] = []
  private var open: [OpenInput] = []
  /// An input without packets: what is read when no other has any.
  private var empty: OpenInput?
  private var damage: [String] = []
  /// Of inputs without packets: they may hold secrets that belong to the packets of others.
  private var endings: [InputEnding] = []

  private struct Unopened {
    let path: String
    let firstTime: Int64
  }

  /// An input whose next packet is at hand.
  private final class OpenInput {
    var reader: SavefileReader?
    var time: Int64

    var bytesRead: UInt64 { reader?.progress?.bytesRead ?? 0 }

    init(_ reader: consuming SavefileReader) {
      time = CaptureMerge.time(of: reader)
      self.reader = consume reader
    }
  }

  /// Looks at the first packet of each input. Throws when none can be used.
  init(_ members: [CaptureSelection.Member]) throws(CaptureError) {
    for member in members { look(at: member) }
    guard !unopened.isEmpty || !open.isEmpty || empty != nil else {
      throw CaptureError(damage.first ?? "none of the \(members.count) files is a capture")
    }
    // The sort is stable: of equal times the one that was named first comes first.
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
        if empty == nil { empty = OpenInput(reader) }
        return
      }
      if reader.canBeReopened {
        unopened.append(Unopened(path: member.path, firstTime: Self.time(of: reader)))
      } else {
        open.append(OpenInput(reader))
      }
    } catch {
      // A directory may hold anything beside captures.
      if !(member.isFound && error.isAboutOtherFile) { damage.append(error.description) }
    }
  }

  /// The input whose packet is the first of all; that packet is at hand, unless no input has one.
  func begin() throws(CaptureError) -> SavefileReader {
    while !unopened.isEmpty || !open.isEmpty {
      guard let index = earliestOpen() else { continue }
      let input = open.remove(at: index)
      lookAhead()
      if let reader = input.reader.take() { return reader }
    }
    if let reader = empty?.reader.take() {
      // It ends as any other that is read.
      endings.removeFirst()
      return reader
    }
    throw CaptureError(damage.first ?? "none of the captures can be read")
  }

  /// Puts the input with the next packet in the place of `reader`, which waits from then on, or goes when it has
  /// ended. False when there is no packet any more.
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

  /// Bytes read of the inputs that wait and of those that have ended.
  var bytesRead: UInt64 { open.reduce(endedBytes) { $0 &+ $1.bytesRead } }

  /// Counts an input that has ended.
  func ended(_ reader: borrowing SavefileReader) { endedBytes &+= reader.progress?.bytesRead ?? 0 }

  func takeDamage() -> [String] {
    defer { damage = [] }
    return damage
  }

  /// The place in `open` of the input whose packet is next, after opening it if need be; nil when that failed.
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

  /// Below `.max`, which stands for no packet.
  private static func time(of reader: borrowing SavefileReader) -> Int64 {
    min(reader.record.time.nanoseconds, .max - 1)
  }

  private func lookAhead() {
    let opened = open.reduce(Int64.max) { min($0, $1.time) }
    earliest = min(opened, unopened.last?.firstTime ?? .max)
  }
}
