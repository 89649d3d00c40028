import TCPReassembly
import WebSocketDecoding
import WireBytes

/// What happened to the bytes of one direction, for the messages that are still to be reported.
public struct TransportNotes {
  private(set) var summary = TransportSummary()
  /// What concerns bytes, in about the order of the stream.
  private var notes: [Note] = []

  struct Note {
    enum Kind: UInt8 { case retransmitted, late, presumedLost, waited, zeroWindow }
    var kind: Kind
    var range: Range<UInt64>
    var amount: Int64
    var first: StreamPosition
    var last: StreamPosition

    func canJoin(_ next: Note) -> Bool {
      kind == next.kind && kind != .retransmitted && next.range.lowerBound <= range.upperBound
        && next.range.upperBound >= range.lowerBound
    }

    mutating func join(_ next: Note) {
      let from = min(range.lowerBound, next.range.lowerBound)
      range = from..<max(range.upperBound, next.range.upperBound)
      amount = max(amount, next.amount)
      if next.first.packet < first.packet { first = next.first }
      if next.last.packet > last.packet { last = next.last }
    }
  }

  /// A message concerns few; more are kept only roughly.
  private static let limit = 256
  /// Notes that wait in all directions together.
  @inlinable public static var limitInAll: Int { 32_768 }
  /// Notes that wait.
  package var count: Int { notes.count }

  /// `room`: for how many notes there is room in all directions together.
  package mutating func take(_ note: TransportNote, at position: StreamPosition, _ room: inout Int) {
    switch note {
    case .retransmitted(let range, let wasAcknowledged):
      summary.retransmissions &+= 1
      summary.retransmittedBytes &+= UInt64(range.count)
      if wasAcknowledged { summary.spuriousBytes &+= UInt64(range.count) }
      add(.retransmitted, range, 0, position, &room)
    case .late(let range, let isPresumedLost):
      summary.lateBytes &+= UInt64(range.count)
      add(isPresumedLost ? .presumedLost : .late, range, 0, position, &room)
    case .waited(let range, let wait):
      summary.longestWait = max(summary.longestWait, wait)
      add(.waited, range, wait, position, &room)
    case .windowClosed(let range):
      summary.zeroWindows &+= 1
      add(.zeroWindow, range, 0, position, &room)
    case .windowOpened(let range, let time):
      summary.zeroWindowTime &+= max(0, time)
      add(.zeroWindow, range, max(0, time), position, &room)
    case .keepAlive: summary.keepAlives &+= 1
    case .capturedTwice: summary.capturedTwice &+= 1
    }
  }

  /// Nothing follows.
  package mutating func end(_ ending: DirectionEnding) {
    summary.ending = ending
    summary.zeroWindowTime &+= max(0, ending.closedWindow?.time ?? 0)
  }

  private mutating func add(
    _ kind: Note.Kind, _ range: Range<UInt64>, _ amount: Int64, _ position: StreamPosition, _ room: inout Int
  ) {
    guard !range.isEmpty else { return }
    if notes.count == Self.limit { makeRoom(&room) }
    guard room > 0 else { return }
    room -= 1
    notes.append(Note(kind: kind, range: range, amount: amount, first: position, last: position))
  }

  /// Neighbours are joined; if that is not enough, the oldest are forgotten.
  private mutating func makeRoom(_ room: inout Int) {
    var joined: [Note] = []
    for note in notes {
      if let last = joined.indices.last, joined[last].canJoin(note) {
        joined[last].join(note)
      } else {
        joined.append(note)
      }
    }
    if joined.count > Self.limit / 2 { joined.removeFirst(joined.count - Self.limit / 2) }
    room += notes.count - joined.count
    notes = joined
  }

  /// What concerns a message, which is the next one of its side. What concerns only bytes before its end is forgotten.
  package mutating func describe(
    _ message: borrowing Message, in found: inout MessageTransport, _ room: inout Int
  ) {
    let bytes = message.first.offset..<max(message.first.offset, message.last.offset) &+ 1
    var (first, last) = (message.first, message.last)
    if last.packet < first.packet { swap(&first, &last) }
    for note in notes where note.range.overlaps(bytes) {
      let count = UInt64(note.range.clamped(to: bytes).count)
      switch note.kind {
      case .retransmitted: found.retransmittedBytes &+= count
      case .late, .presumedLost:
        found.lateBytes &+= count
        if note.kind == .presumedLost { found.presumedRetransmittedBytes &+= count }
        // Of one that reaches further, what is known of the message's own ends must do.
        guard bytes.contains(note.range.lowerBound), note.range.upperBound <= bytes.upperBound else {
          continue
        }
        if note.first.packet < first.packet { first = note.first }
        if note.last.packet > last.packet { last = note.last }
      case .waited: found.waited = max(found.waited, note.amount)
      case .zeroWindow:
        found.zeroWindow = true
        found.zeroWindowTime = max(found.zeroWindowTime, note.amount)
      }
    }
    let before = notes.count
    notes.removeAll { $0.range.upperBound <= bytes.upperBound }
    room += before - notes.count
    (found.firstPacket, found.lastPacket) = (first.packet, last.packet)
    found.duration = max(0, last.time.nanoseconds(since: first.time))
    found.retransmittedBytes = min(found.retransmittedBytes, UInt64(bytes.count))
  }
}
