import PacketLayers
import Testing
import WireBytes

@testable import TCPReassembly

extension Wire {
  /// The next packet is captured so many nanoseconds after the last one.
  fileprivate func pause(_ nanoseconds: Int64) { time += nanoseconds - interval }

  /// Others go on at the same moment, so that what is long over or long idle is looked for.
  fileprivate func letOthersGoOn() {
    let (own, pace) = (clientPort, interval)
    (clientPort, interval) = (7, 0)
    handshake()
    for offset in 0..<130 { client(offset, "x") }
    (clientPort, interval) = (own, pace)
  }
}

/// Each limit just before it is reached, at it, and beyond it: what is seen of it from outside.
@Suite("Limits of reassembly, at the limit and one beyond")
struct ReassemblyLimitTests {
  private static let second: Int64 = 1_000_000_000
  private static let mebibyte = 1 << 20

  @Test func theDefaultsAreThoseOfTheDocumentation() {
    let limits = ReassemblyLimits()
    #expect(limits.connections == 200_000)
    #expect(limits.pendingPerDirection == 4 << 20)
    #expect(limits.pendingInAll == 32 << 20)
    #expect(limits.pendingSegments == 4096)
    #expect(limits.idleTime == 7200 * Self.second)
    #expect(limits.lingerTime == 60 * Self.second)
    #expect(limits.remembered == 4096)
    #expect(limits.segmentsOfGrace == 32)
    #expect(limits.timeOfGrace == 200_000_000)
    #expect(limits.segmentsOfGraceOneSided == 512)
    #expect(limits.timeOfGraceOneSided == 1_500_000_000)
    #expect(limits.overlap == .first)
  }

  // MARK: What waits

  /// A segment costs 96 bytes beside its payload.
  @Test("Bytes that wait in one direction", arguments: [(64, 0), (65, 1)] as [(Int, UInt64)])
  func waitingInOneDirection(segments: Int, gapsGivenUp: UInt64) {
    let wire = Wire()
    wire.handshake()
    let payload = [UInt8](repeating: 0x78, count: 65_536 - 96)
    for index in 0..<min(segments, 64) {
      wire.send(.fromInitiator, 1 + index * (payload.count + 1), payload, .ack)
    }
    if segments > 64 { wire.client(1 + 64 * (payload.count + 1), "x") }
    #expect(wire.counts.gapsOverLimit == gapsGivenUp)
  }

  @Test("Bytes that wait in all connections together", arguments: [(0, 0), (1, 1)] as [(Int, UInt64)])
  func waitingInAll(beyond: Int, gapsGivenUp: UInt64) {
    var limits = ReassemblyLimits()
    limits.pendingInAll = 4 * (10 + 96) - beyond
    let wire = Wire(limits: limits)
    for port in 1...4 as ClosedRange<UInt16> {
      wire.clientPort = port
      wire.handshake()
      wire.client(1, "0123456789")
    }
    #expect(wire.counts.gapsOverLimit == gapsGivenUp)
  }

  @Test("Segments that wait in one direction", arguments: [(4096, 0), (4097, 1)] as [(Int, UInt64)])
  func waitingSegments(segments: Int, gapsGivenUp: UInt64) {
    let wire = Wire()
    wire.handshake()
    for index in 1...segments { wire.client(index * 2, "x") }
    #expect(wire.counts.gapsOverLimit == gapsGivenUp)
  }

  // MARK: When a gap counts as lost

  @Test(
    "Segments after the acknowledgment of a gap, that one included",
    arguments: [(32, "abc"), (33, "abcghi")] as [(Int, String)])
  func segmentsOfGrace(segments: Int, text: String) {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.client(6, "ghi")
    for _ in 0..<segments { wire.server(0, ack: 9) }
    #expect(wire.clientText == text)
  }

  @Test(
    "Nanoseconds after the acknowledgment of a gap",
    arguments: [(199_999_999, "abc"), (200_000_000, "abc"), (200_000_001, "abcghi")] as [(Int64, String)])
  func timeOfGrace(wait: Int64, text: String) {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.client(6, "ghi")
    wire.server(0, ack: 9)
    wire.pause(wait)
    wire.server(0, ack: 9)
    #expect(wire.clientText == text)
  }

  @Test(
    "Segments after a gap where nothing of the receiver is captured",
    arguments: [(512, "abc"), (513, "abcghi")] as [(Int, String)])
  func segmentsOfGraceOneSided(segments: Int, text: String) {
    let wire = Wire()
    wire.client(-1, "", .syn)
    wire.client(0, "abc")
    wire.client(6, "ghi")
    for index in 1..<segments { wire.client(7 + index * 2, "x") }
    #expect(wire.clientText.hasPrefix(text))
    #expect(wire.clientText.hasPrefix("abcghi") == (text == "abcghi"))
  }

  @Test(
    "Nanoseconds after a gap where nothing of the receiver is captured",
    arguments: [(1_499_999_999, "abc"), (1_500_000_000, "abc"), (1_500_000_001, "abcghij")]
      as [(Int64, String)])
  func timeOfGraceOneSided(wait: Int64, text: String) {
    let wire = Wire()
    wire.client(-1, "", .syn)
    wire.client(0, "abc")
    wire.client(6, "ghi")
    wire.pause(wait)
    wire.client(9, "j")
    #expect(wire.clientText == text)
  }

  @Test(
    "Bytes that the receiver confirmed and that were never captured",
    arguments: [(1 << 30 - 1, 1 << 30 - 1), (1 << 30, 0)] as [(Int, UInt64)])
  func confirmedAtTheEnd(ahead: Int, lost: UInt64) {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.server(0, ack: 3 + ahead)
    wire.finish()
    #expect(wire.connection.client.lost == lost)
  }

  // MARK: What belongs to a stream

  @Test(
    "How far ahead of what was acknowledged a segment may be",
    arguments: [(16 * mebibyte, 0), (16 * mebibyte + 1, 1)] as [(Int, UInt64)])
  func window(ahead: Int, outside: UInt64) {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.client(3 + ahead, "x")
    #expect(wire.counts.outOfWindow == outside)
    #expect(wire.counts.outOfOrder == 1 - outside)
  }

  @Test(
    "How far behind an acknowledgment a stream without a SYN begins",
    arguments: [(mebibyte - 1, true), (mebibyte, false)] as [(Int, Bool)])
  func beginWithoutSyn(behind: Int, waits: Bool) {
    let wire = Wire()
    wire.client(0, ack: 0)
    wire.server(behind, "abc")
    #expect(wire.serverText == (waits ? "" : "abc"))
  }

  @Test(
    "Where a RST may be",
    arguments: [(-65_537, false), (-65_536, true), (16 * mebibyte, true), (16 * mebibyte + 1, false)]
      as [(Int, Bool)])
  func reset(ahead: Int, counts: Bool) {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.client(3 + ahead, "", .rst)
    wire.finish()
    #expect(wire.connection.end == (counts ? .rst : .captureEnd))
    #expect(wire.counts.invalidResets == (counts ? 0 : 1))
  }

  @Test(
    "Nanoseconds after a RST in doubt until bytes of the other side show that it did not count",
    arguments: [(second - 1, false), (second, false), (second + 1, true)] as [(Int64, Bool)])
  func bytesAfterReset(wait: Int64, goesOn: Bool) {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.server(0, "ok", ack: 3)
    wire.client(100, "", .rst)
    wire.pause(wait)
    wire.server(2, "!", ack: 3)
    #expect(wire.serverText == (goesOn ? "ok!" : "ok"))
    #expect(wire.counts.invalidResets == (goesOn ? 1 : 0))
    #expect(wire.counts.afterEnd == (goesOn ? 0 : 1))
  }

  @Test(
    "After the end, how long and how far away bytes are those of another connection",
    arguments: [
      (60 * second, 16 * mebibyte + 1, 1), (60 * second + 1, 16 * mebibyte, 1),
      (60 * second + 1, 16 * mebibyte + 1, 2), (60 * second + 1, -16 * mebibyte, 1),
      (60 * second + 1, -16 * mebibyte - 1, 2),
    ] as [(Int64, Int, Int)])
  func anotherConnection(wait: Int64, ahead: Int, connections: Int) {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc", [.fin, .ack])
    wire.server(0, "", [.fin, .ack], ack: 4)
    wire.pause(wait)
    wire.client(3 + ahead, "xyz")
    #expect(wire.log.connections.count == connections)
    #expect(wire.counts.afterEnd == (connections == 1 ? 1 : 0))
  }

  // MARK: Copies

  @Test(
    "Nanoseconds between a packet and its copy in the capture",
    arguments: [(999_999, true), (1_000_000, false), (1_000_001, false)] as [(Int64, Bool)])
  func copies(wait: Int64, isCopy: Bool) {
    let wire = Wire(observes: true)
    wire.handshake()
    wire.client(0, "abc")
    wire.pause(wait)
    wire.client(0, "abc")
    #expect(wire.counts.capturedTwice == (isCopy ? 1 : 0))
    let note: TransportNote =
      isCopy ? .capturedTwice(0..<3) : .retransmitted(0..<3, wasAcknowledged: false)
    #expect(wire.connection.notes.map(\.note) == [note])
  }

  @Test(
    "Nanoseconds by which packets overtake each other; with a round trip of 10 ms by that",
    arguments: [
      (1000, 2_999_999, false), (1000, 3_000_000, true), (1000, 3_000_001, true),
      (10_000_000, 9_999_999, false), (10_000_000, 10_000_000, true),
    ] as [(Int64, Int64, Bool)])
  func overtaking(roundTrip: Int64, wait: Int64, isPresumedLost: Bool) {
    let wire = Wire(observes: true)
    wire.interval = roundTrip
    wire.handshake()
    wire.client(0, "ab")
    wire.client(4, "ef")
    wire.pause(wait)
    wire.client(2, "cd")
    #expect(wire.connection.notes.first?.note == .late(2..<4, isPresumedLost: isPresumedLost))
  }

  @Test(
    "Connections whose delivered bytes are kept to compare copies with",
    arguments: [(512, 1), (513, 0)] as [(Int, Int)])
  func kept(connections: Int, conflicts: Int) {
    let wire = Wire()
    for port in 0..<connections {
      wire.clientPort = 20_000 + UInt16(port)
      wire.handshake()
      wire.client(1, "b")
      wire.client(0, "a")
    }
    wire.client(2, "cd")
    wire.pause(300_000_000)
    wire.client(2, "xy")
    #expect(wire.log.connections.last?.conflicts.count == conflicts)
  }

  /// Between two clearings it may be twice as much; the last segment brings one about.
  @Test(
    "Delivered bytes that are kept of a direction", arguments: [(32_768, 1), (32_769, 0)] as [(Int, Int)])
  func keptBytes(back: Int, conflicts: Int) {
    let wire = Wire()
    wire.handshake()
    wire.client(1, "b")
    wire.client(0, "a")
    for index in 0..<64 { wire.client(2 + index * 1024, String(repeating: "x", count: 1024)) }
    wire.pause(300_000_000)
    wire.client(2 + 64 * 1024 - back, "y")
    #expect(wire.connection.conflicts.count == conflicts)
  }

  // MARK: Connections

  @Test("Connections that are known", arguments: [(8, 0), (9, 1), (10, 2)] as [(Int, UInt64)])
  func connections(count: Int, letGo: UInt64) {
    var limits = ReassemblyLimits()
    limits.connections = 8
    let wire = Wire(limits: limits)
    for port in 1...count {
      wire.clientPort = UInt16(port)
      wire.handshake()
      wire.client(0, "x")
    }
    #expect(wire.counts.connectionsOverLimit == letGo)
    #expect(wire.counts.connectionsGivenUp == letGo)
  }

  @Test(
    "Nanoseconds that a connection may be idle",
    arguments: [(7200 * second, false), (7200 * second + 1, true)] as [(Int64, Bool)])
  func idle(wait: Int64, isGivenUp: Bool) {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.pause(wait)
    wire.letOthersGoOn()
    #expect(wire.connection.end == (isGivenUp ? .gaveUp : nil))
    #expect(wire.counts.connectionsGivenUp == (isGivenUp ? 1 : 0))
  }

  @Test(
    "Nanoseconds that a closed connection is remembered when there is no room for more",
    arguments: [(60 * second, true), (60 * second + 1, false)] as [(Int64, Bool)])
  func lingering(wait: Int64, isRemembered: Bool) {
    var limits = ReassemblyLimits()
    limits.remembered = 0
    let wire = Wire(limits: limits)
    wire.handshake()
    wire.client(0, "abc", [.fin, .ack])
    wire.server(0, "", [.fin, .ack], ack: 4)
    wire.pause(wait)
    wire.letOthersGoOn()
    wire.client(0, "abc")
    #expect(wire.counts.afterEnd == (isRemembered ? 1 : 0))
    #expect(wire.counts.connections == (isRemembered ? 2 : 3))
  }

  @Test(
    "Closed connections that are remembered for longer",
    arguments: [(2, 2), (3, 2), (4, 2)] as [(Int, UInt64)])
  func remembered(closed: Int, known: UInt64) {
    var limits = ReassemblyLimits()
    limits.remembered = 2
    let wire = Wire(limits: limits)
    for port in 1...closed {
      wire.clientPort = 100 + UInt16(port)
      wire.handshake()
      wire.client(0, "abc", .rst)
    }
    wire.pause(61 * Self.second)
    wire.letOthersGoOn()
    for port in 1...closed {
      wire.clientPort = 100 + UInt16(port)
      wire.client(0, "abc")
    }
    #expect(wire.counts.afterEnd == known)
  }
}
