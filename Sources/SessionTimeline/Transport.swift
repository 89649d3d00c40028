import TCPReassembly
import WebSocketDecoding
import WireBytes

/// What TCP did to a message: how it came to take so long.
public struct MessageTransport: Sendable, Equatable {
  /// The first byte's offset in its TCP direction.
  public var streamOffset: UInt64
  /// The packets that brought it, by their place in the capture: bytes may have come out of their order.
  public var firstPacket: UInt64
  /// The packet with which it was whole.
  public var lastPacket: UInt64
  /// Nanoseconds from one to the other.
  public var duration: Int64
  /// Bytes of its frames that came more than once until it was whole.
  public var retransmittedBytes: UInt64 = 0
  /// Bytes that came after bytes that follow them.
  public var lateBytes: UInt64 = 0
  /// Of these, those that came later than packets overtake each other. Inferred: the first copy was lost before it was
  /// captured, and they were sent again.
  public var presumedRetransmittedBytes: UInt64 = 0
  /// How long bytes of it lay behind a hole before their turn came, in nanoseconds: head-of-line blocking.
  public var waited: Int64 = 0
  /// The receiver's window was zero when it was to be sent, or while it was.
  public var zeroWindow = false
  /// For how long, in nanoseconds; 0 as long as the window is closed.
  public var zeroWindowTime: Int64 = 0

  /// Something happened to it.
  var isRemarkable: Bool { retransmittedBytes > 0 || lateBytes > 0 || waited > 0 || zeroWindow }

  /// A message to which nothing happened.
  @inline(__always)
  init(_ message: borrowing Message) {
    let (first, last) = (message.first, message.last)
    streamOffset = first.offset
    firstPacket = min(first.packet, last.packet)
    lastPacket = max(first.packet, last.packet)
    duration = max(0, last.time.nanoseconds(since: first.time))
  }
}

/// Bytes of a stream were sent once more.
public struct Retransmission: Sendable {
  /// Who sent them.
  public var side: Side
  /// The packet that brought them again; the offset is that of the first of them.
  public var position: StreamPosition
  /// How many.
  public var bytes: UInt64
  /// The receiver had confirmed all of them.
  public var wasAcknowledged: Bool
}

/// What TCP did in one direction of a session's connection.
public struct TransportSummary: Sendable {
  /// Segments whose bytes, or some of them, came again.
  public var retransmissions: UInt64 = 0
  /// Those bytes.
  public var retransmittedBytes: UInt64 = 0
  /// Of these, the ones that the receiver had confirmed.
  public var spuriousBytes: UInt64 = 0
  /// Bytes that came after bytes that follow them.
  public var lateBytes: UInt64 = 0
  /// The longest that bytes lay behind a hole, in nanoseconds.
  public var longestWait: Int64 = 0
  /// How often the receiver's window closed.
  public var zeroWindows: UInt64 = 0
  /// For how long in all, in nanoseconds.
  public var zeroWindowTime: Int64 = 0
  /// Keep-alive probes with a byte.
  public var keepAlives: UInt64 = 0
  /// Segments that stand in the capture twice.
  public var capturedTwice: UInt64 = 0
  /// Round trips from the point of capture to the receiver and back, and what nobody had confirmed at the end; nil while
  /// the connection is open.
  public var ending: DirectionEnding?

  /// Nothing happened, and nothing was timed.
  public var isEmpty: Bool {
    retransmissions == 0 && lateBytes == 0 && zeroWindows == 0 && keepAlives == 0 && capturedTwice == 0
      && longestWait == 0 && ending?.handshakeRoundTrip == nil && ending?.roundTrips.count ?? 0 == 0
  }
}

/// What happened to the bytes of one direction, for the messages that are still to be reported.
struct TransportNotes {
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
  static let limitInAll = 32_768
  /// Notes that wait.
  var count: Int { notes.count }

  /// `room`: for how many notes there is room in all directions together.
  mutating func take(_ note: TransportNote, at position: StreamPosition, _ room: inout Int) {
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

  mutating func end(_ ending: DirectionEnding) { summary.ending = ending }

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
  mutating func describe(
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

/// What TCP did to the connection of a session that ended.
public struct SessionTransport: @unchecked Sendable {
  // Nothing is added any more.
  let connection: ConnectionTransport
  let clientIsInitiator: Bool

  /// What became of what a side sent.
  public func summary(of side: Side) -> TransportSummary {
    connection.summary((side == .client) == clientIsInitiator ? .fromInitiator : .fromResponder)
  }
}

/// What TCP did to a connection: made with the first thing that is worth noting.
final class ConnectionTransport {
  /// By `FlowDirection`.
  private var directions: InlineArray<2, TransportNotes> = [TransportNotes(), TransportNotes()]

  /// What it came to in the end.
  func summary(_ direction: FlowDirection) -> TransportSummary { directions[direction.rawValue].summary }

  subscript(direction: FlowDirection) -> TransportNotes {
    _read { yield directions[direction.rawValue] }
    _modify { yield &directions[direction.rawValue] }
  }
}
