import PacketLayers
import Testing
import WireBytes

@testable import TCPReassembly

/// A connection by itself, without a table around it.
@Suite struct ConnectionTests {
  /// What is sent: offsets count from the first byte of each stream.
  struct Sent: Sendable {
    var direction: FlowDirection
    var offset: Int
    var text: String
    var flags: TCPFlags
    var acknowledged: Int
  }

  private static let starts: [UInt32] = [1001, 50_001]

  private func segment(_ sent: Sent) -> TCPSegment {
    let ends = [(IPAddress(ipv4: 1), 40_000 as UInt16), (IPAddress(ipv4: 2), 80)]
    let (own, other) = (sent.direction.rawValue, sent.direction.opposite.rawValue)
    return TCPSegment(
      source: ends[own].0, destination: ends[other].0, sourcePort: ends[own].1,
      destinationPort: ends[other].1,
      sequence: Self.starts[own] &+ UInt32(truncatingIfNeeded: sent.offset),
      acknowledgment: Self.starts[other] &+ UInt32(truncatingIfNeeded: sent.acknowledged), flags: sent.flags,
      window: 1000, payloadLength: sent.text.utf8.count)
  }

  private func connection(beginsWith segment: TCPSegment) -> Connection {
    let (key, reversed) = FlowKey.of(segment)
    return Connection(
      key, isReversed: reversed, beginsWith: segment, stream: 0, packet: 1, time: CaptureTime(nanoseconds: 0))
  }

  /// Feeds segments as the reassembler does, in the short way where that is possible.
  private func feed(
    _ all: [Sent], shortWay: Bool
  ) -> (
    log: Recorder.Connection, isFinished: Bool, outcomes: [Connection.ControlOutcome],
    shared: ReassemblyResources
  ) {
    let log = Recorder()
    var shared = ReassemblyResources(limits: ReassemblyLimits(), observesTransport: true, budget: .unlimited)
    var outcomes: [Connection.ControlOutcome] = []
    var connection = connection(beginsWith: segment(all[0]))
    for (index, sent) in all.enumerated() {
      var segment = segment(sent)
      let payload = Array(sent.text.utf8)
      let (packet, time) = (UInt64(index + 1), CaptureTime(nanoseconds: Int64(index)))
      if shortWay,
        let place = unsafe connection.takeInTurn(
          &segment, payload.count, sent.direction, packet: packet, time: time)
      {
        guard place.isData else { continue }
        let start = StreamPosition(offset: place.offset, packet: packet, time: time)
        _ = log.received(
          payload.span, DeliveryContext(at: start, peerAcknowledged: place.peerAcknowledged), .none,
          sent.direction, place.token)
        continue
      }
      let context = SegmentContext(direction: sent.direction, packet: packet, time: time)
      connection.noteInitialSequence(segment, sent.direction)
      if connection.state != .open || !segment.flags.isDisjoint(with: [.syn, .rst]) {
        let outcome = connection.receiveControl(segment, context, &shared)
        outcomes.append(outcome)
        guard outcome == .goesOn else { continue }
      }
      connection.receive(segment, payload.span, context, &shared, into: log)
    }
    let isFinished = connection.isFinished
    connection.forgetHistory(&shared)
    connection.dropPending(&shared)
    #expect(log.violations.isEmpty)
    let nobody = Endpoint(address: IPAddress(ipv4: 0), port: 0)
    let empty = Recorder.Connection(
      info: ConnectionInfo(stream: .max, initiator: nobody, responder: nobody, sawStart: false))
    return (log.connections.first ?? empty, isFinished, outcomes, shared)
  }

  private static let opening: [Sent] = [
    Sent(direction: .fromInitiator, offset: -1, text: "", flags: .syn, acknowledged: 0),
    Sent(direction: .fromResponder, offset: -1, text: "", flags: [.syn, .ack], acknowledged: 0),
    Sent(direction: .fromInitiator, offset: 0, text: "", flags: .ack, acknowledged: 0),
  ]

  private static func client(_ offset: Int, _ text: String, _ flags: TCPFlags = .ack, ack: Int = 0) -> Sent {
    Sent(direction: .fromInitiator, offset: offset, text: text, flags: flags, acknowledged: ack)
  }

  private static func server(_ offset: Int, _ text: String, _ flags: TCPFlags = .ack, ack: Int = 0) -> Sent {
    Sent(direction: .fromResponder, offset: offset, text: text, flags: flags, acknowledged: ack)
  }

  @Test("The short way and the long way come to the same", arguments: [true, false])
  func bothWays(shortWay: Bool) {
    let found = feed(
      Self.opening + [
        Self.client(0, "abc"), Self.server(0, "xy", ack: 3), Self.client(3, "def", ack: 2),
        Self.client(9, "jkl", ack: 2), Self.server(2, "z", ack: 6), Self.client(6, "ghi", ack: 3),
        Self.client(12, "m", ack: 3), Self.server(3, "", [.fin, .ack], ack: 13),
        Self.client(13, "", [.fin, .ack], ack: 4),
      ], shortWay: shortWay)
    #expect(found.log.client.text == "abcdefghijklm")
    #expect(found.log.server.text == "xyz")
    #expect(found.log.client.packets == [4, 4, 4, 6, 6, 6, 9, 9, 9, 7, 7, 7, 10])
    #expect(found.log.client.acknowledged == [0, 0, 0, 2, 2, 2, 3, 3, 3, 2, 2, 2, 3])
    #expect(found.log.server.acknowledged == [3, 3, 6])
    #expect(found.log.client.isFinished && found.log.server.isFinished && found.isFinished)
    #expect(found.shared.counts.outOfOrder == 1)
    #expect(found.shared.pendingCharge == 0 && found.shared.retaining == 0)
  }

  @Test("What is dropped gives its budget back")
  func budget() {
    let found = feed(Self.opening + [Self.client(5, "fgh"), Self.client(0, "a")], shortWay: true)
    #expect(found.log.client.text == "a")
    #expect(found.shared.pendingCharge == 0 && found.shared.retaining == 0)
  }

  @Test("An answer with another number than the bytes that came before it is not the one")
  func answerAfterBytes() {
    let found = feed(
      [Self.opening[0], Self.server(0, "xy"), Self.server(5000, "", [.syn, .ack]), Self.server(2, "z")],
      shortWay: false)
    #expect(found.outcomes == [.goesOn, .isDone])
    #expect(found.log.server.text == "xyz")
  }

  @Test(
    "What a SYN or a RST asks for",
    arguments: [
      (client(-1, "", .syn), .goesOn),  // the same SYN once more
      (server(-1, "", [.syn, .ack]), .goesOn),
      (client(5000, "", .syn), .beginsAnother(sharesStream: false)),
      (server(5000, "", [.syn, .ack], ack: 1), .beginsAnother(sharesStream: true)),
      (server(5000, "", [.syn, .ack]), .isDone),  // a second answer
      (client(0, "", .rst), .isReset),
      (client(1000, "", .rst), .isDone),  // doubtful
      (client(1 << 30, "", .rst), .isDone),  // not valid
    ] as [(Sent, Connection.ControlOutcome)])
  func control(sent: Sent, expected: Connection.ControlOutcome) {
    #expect(feed(Self.opening + [sent], shortWay: true).outcomes.last == expected)
  }
}
