import PacketLayers
import Testing
import WireBytes

@testable import TCPReassembly

@Suite struct ConnectionOpeningTests {
  @Test("The stream begins behind the SYN, and the end that sent it is the initiator")
  func handshake() {
    let wire = Wire()
    wire.handshake()
    wire.server(0, "220 ready", .ack)
    wire.client(0, "hello", .ack, ack: 9)
    wire.finish()
    #expect(wire.serverText == "220 ready")
    #expect(wire.clientText == "hello")
    #expect(wire.connection.info.initiator.port == 40_000)
    #expect(wire.connection.info.responder.port == 80)
    #expect(wire.connection.info.sawStart)
  }

  @Test("A SYN may carry bytes (RFC 7413), and may come twice")
  func synWithData() {
    let wire = Wire()
    wire.client(-1, "GET", .syn)
    wire.client(-1, "GET", .syn)
    wire.server(-1, "", [.syn, .ack], ack: 3)
    wire.client(0, "GET / HTTP", .ack)
    wire.server(-1, "", [.syn, .ack], ack: 3)
    wire.finish()
    #expect(wire.clientText == "GET / HTTP")
    #expect(wire.counts.connections == 1)
  }

  @Test("The first packet may be the SYN+ACK: its sender is the responder")
  func synAckFirst() {
    let wire = Wire()
    wire.server(-1, "", [.syn, .ack])
    wire.client(0)
    wire.client(3, "de")
    wire.client(0, "abc")
    wire.server(0, "ok", .ack, ack: 5)
    wire.finish()
    #expect(wire.clientText == "abcde", "the SYN+ACK acknowledged where the client's stream begins")
    #expect(wire.serverText == "ok")
    #expect(wire.connection.info.initiator.port == 40_000)
    #expect(wire.connection.info.sawStart)
  }

  @Test(
    "A SYN captured after the SYN+ACK, or after bytes behind it, belongs to the same connection")
  func synLate() {
    for order in permutations(of: [0, 1, 2, 3]) {
      let wire = Wire()
      for step in order {
        switch step {
        case 0: wire.client(-1, "", .syn)
        case 1: wire.server(-1, "", [.syn, .ack])
        case 2: wire.client(0, "GET", .ack)
        default: wire.server(0, "200")
        }
      }
      wire.finish()
      #expect(wire.counts.connections == 1, "order \(order)")
      #expect(wire.log.connections.count == 1, "order \(order)")
      #expect([wire.clientText, wire.serverText].sorted() == ["200", "GET"], "order \(order)")
    }
  }

  @Test("What precedes the first captured byte and comes behind it is counted, and no retransmission")
  func beforeStart() {
    let wire = Wire()
    wire.client(10, "klm")
    wire.client(7, "hij")
    wire.client(8, "ijklmno")
    wire.client(7, "hijklm")
    wire.finish()
    #expect(wire.clientText == "klmno")
    #expect(wire.counts.bytesBeforeStart == 3 + 2 + 3)
    #expect(wire.counts.retransmissions == 1, "the last one brought bytes that had come")
    #expect(wire.connection.bytesBeforeStart == 8)
  }

  @Test("Both ends may open at once (RFC 9293 §3.5)")
  func simultaneousOpen() {
    let wire = Wire()
    wire.client(-1, "", .syn)
    wire.server(-1, "", .syn)
    wire.client(-1, "", [.syn, .ack])
    wire.server(-1, "", [.syn, .ack])
    wire.client(0, "a")
    wire.server(0, "b")
    wire.finish()
    #expect(wire.clientText == "a")
    #expect(wire.serverText == "b")
    #expect(wire.counts.connections == 1)
  }

  @Test(
    "Without a SYN the stream begins with the first byte captured; its sender counts as the initiator"
  )
  func midStream() {
    let wire = Wire()
    wire.server(700, "abc", .ack, ack: 50)
    wire.client(50, "xy", .ack, ack: 703)
    wire.server(703, "def", .ack, ack: 52)
    wire.finish()
    #expect(wire.connection.info.initiator.port == 80)
    #expect(!wire.connection.info.sawStart)
    #expect(wire.connection.client.text == "abcdef")
    #expect(wire.connection.server.text == "xy")
    #expect(wire.connection.client.offsets.first == 0)
  }

  @Test("Without a SYN, what the other end acknowledged says where the stream stands")
  func midStreamOutOfOrder() {
    let wire = Wire()
    wire.client(50, "", .ack, ack: 700)
    wire.server(703, "def", .ack, ack: 50)
    wire.server(706, "ghi", .ack, ack: 50)
    wire.server(700, "abc", .ack, ack: 50)
    wire.finish()
    #expect(wire.serverText == "abcdefghi")
    #expect(wire.connection.server.gaps.isEmpty)
  }

  @Test("Without a SYN, a segment without payload says where its sender's stream stands")
  func midStreamAfterOwnAcknowledgment() {
    let wire = Wire()
    wire.client(50, "", .ack, ack: 700)
    wire.client(53, "def", .ack, ack: 700)
    wire.client(50, "abc", .ack, ack: 700)
    wire.finish()
    #expect(wire.clientText == "abcdef")
    #expect(wire.connection.client.gaps.isEmpty)
  }

  @Test("A keep-alive probe as first packet brings no byte of the stream", arguments: ["", "?"])
  func midStreamKeepAlive(garbage: String) {
    let wire = Wire()
    wire.server(700, "", .ack, ack: 50)
    wire.client(49, garbage, .ack, ack: 700)
    wire.server(700, "", .ack, ack: 50)
    wire.client(50, "abc", .ack, ack: 700)
    wire.finish()
    #expect(wire.counts.connections == 1)
    let stream =
      wire.connection.client.text.isEmpty ? wire.connection.server : wire.connection.client
    #expect(stream.text == "abc")
    #expect(stream.gaps.isEmpty)
  }

  @Test("A keep-alive probe before any acknowledgment does not make a gap of one byte")
  func midStreamKeepAliveFirst() {
    let wire = Wire()
    wire.client(49, "", .ack, ack: 700)
    wire.client(50, "abc", .ack, ack: 700)
    #expect(wire.clientText == "abc")
    wire.finish()
    #expect(wire.connection.client.gaps.isEmpty)
  }

  @Test("A FIN as first packet of its direction leaves room for bytes before it")
  func midStreamFin() {
    let wire = Wire()
    wire.client(50, "", .ack, ack: 700)
    wire.server(703, "", [.ack, .fin], ack: 50)
    wire.server(700, "abc", .ack, ack: 50)
    wire.finish()
    #expect(wire.serverText == "abc")
    #expect(wire.connection.server.isFinished)
  }

  // What tshark's tcp.stream shows for the same packets.

  /// One step of a story: who sends, its sequence and acknowledgment numbers, its flags, its payload.
  struct Step: Sendable {
    var fromClient: Bool
    var sequence: Int
    var acknowledgment = 0
    var flags: TCPFlags
    var text = ""
  }

  private static func client(
    _ sequence: Int, _ flags: TCPFlags, _ acknowledgment: Int = 0, _ text: String = ""
  ) -> Step {
    Step(
      fromClient: true, sequence: sequence, acknowledgment: acknowledgment, flags: flags, text: text
    )
  }
  private static func server(
    _ sequence: Int, _ flags: TCPFlags, _ acknowledgment: Int = 0, _ text: String = ""
  ) -> Step {
    Step(
      fromClient: false, sequence: sequence, acknowledgment: acknowledgment, flags: flags,
      text: text)
  }

  private static let opening = [client(99, .syn), server(499, [.syn, .ack], 100)]
  private static let ending = [
    client(100, [.fin, .ack], 500), server(500, [.fin, .ack], 101), client(101, .ack, 501),
  ]

  static let stories: [(name: String, steps: [Step], connections: UInt64)] = [
    ("SYN twice, another SYN", [client(99, .syn), client(99, .syn), client(77, .syn)], 2),
    ("the first SYN once more", [client(99, .syn), client(77, .syn), client(99, .syn)], 3),
    (
      "two SYN+ACK",
      [client(99, .syn), server(499, [.syn, .ack], 100), server(999, [.syn, .ack], 100)], 1
    ),
    ("SYN after bytes", [client(100, .ack, 500, "x"), client(7000, .syn)], 2),
    ("SYN after an ACK", [client(100, .ack, 500), client(7000, .syn)], 2),
    ("SYN after the other end's ACK", [server(100, .ack, 500), client(7000, .syn)], 2),
    ("SYN after a RST", [client(100, .rst), client(7000, .syn)], 2),
    ("SYN after a FIN", [client(100, [.fin, .ack], 500), client(7000, .syn)], 2),
    ("the ACK's own SYN, late", [client(100, .ack, 500), client(99, .syn)], 1),
    ("the bytes' own SYN, late", [client(100, .ack, 500, "x"), client(99, .syn)], 1),
    (
      "SYN that the SYN+ACK does not answer",
      [server(499, [.syn, .ack], 100), client(5000, .syn)], 2
    ),
    (
      "late packets",
      opening + ending + [client(101, .ack, 501, "z"), server(500, [.fin, .ack], 101)], 1
    ),
    ("the same SYN after the end", opening + ending + [client(99, .syn)], 1),
    ("another SYN after the end", opening + ending + [client(900, .syn)], 2),
    ("SYN+ACK whose SYN is missing", opening + ending + [server(9999, [.syn, .ack], 5000)], 1),
    (
      "SYN+ACK before its SYN",
      opening + ending + [
        server(9999, [.syn, .ack], 5001), client(5000, .syn), client(5001, .ack, 10_000, "x"),
      ],
      2
    ),
    ("SYN of the other end after a RST", opening + [client(100, .rst), server(4000, .syn)], 2),
    ("SYN of the other end", opening + [client(100, .ack, 500, "x"), server(9000, .syn)], 2),
    (
      "SYN+ACK and SYN of one end",
      [server(9000, .ack, 7001, "x"), server(499, [.syn, .ack], 7001), server(499, .syn)], 1
    ),
    (
      "the other end's first packet after a RST",
      [client(99, .syn), client(100, .rst), server(4000, .syn)], 1
    ),
    (
      "refused and tried again",
      [client(99, .syn), server(0, [.rst, .ack], 100), client(99, .syn)], 1
    ),
  ]

  @Test("Connections are counted as Wireshark counts them", arguments: stories.indices)
  func numbering(story: Int) {
    let (name, steps, connections) = Self.stories[story]
    let wire = Wire(clientStart: 0, serverStart: 0)
    for step in steps {
      wire.send(
        step.fromClient ? .fromInitiator : .fromResponder, step.sequence, Array(step.text.utf8),
        step.flags,
        ack: step.acknowledgment)
    }
    wire.finish()
    #expect(wire.counts.connections == connections, "\(name)")
  }

  @Test(
    "A connection whose SYN was not captured is still another one, under the number it has in Wireshark"
  )
  func synAckAlone() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "one")
    wire.server(0, "", .ack, ack: 3)
    (wire.clientStart, wire.serverStart) = (900_000, 800_000)
    wire.server(-1, "", [.syn, .ack])
    wire.client(0, "two")
    wire.server(0, "second", .ack, ack: 3)
    wire.finish()
    #expect(wire.log.connections.map(\.client.text) == ["one", "two"])
    #expect(wire.log.connections.map(\.server.text) == ["", "second"])
    #expect(wire.log.connections.map(\.info.stream) == [0, 0])
    #expect(wire.log.connections.first?.end == .replaced)
    #expect(wire.log.connections.last?.info.initiator.port == 40_000)
  }

  @Test("A SYN that was refused with a RST and is sent again opens the connection")
  func refusedAndTriedAgain() {
    let wire = Wire()
    wire.client(-1, "", .syn)
    wire.send(.fromResponder, -50_001, [], [.rst, .ack])
    wire.handshake()
    wire.client(0, "abc")
    wire.server(0, "ok", .ack, ack: 3)
    wire.finish()
    #expect(wire.clientText == "abc")
    #expect(wire.serverText == "ok")
    #expect(wire.connection.info.stream == 0)
  }

  @Test("A second answer to the same SYN changes nothing")
  func twoAnswers() {
    let wire = Wire()
    wire.handshake()
    wire.server(0, "abc")
    wire.server(-70_000, "", [.syn, .ack])
    wire.server(3, "def")
    wire.finish()
    #expect(wire.serverText == "abcdef")
    #expect(wire.log.connections.count == 1)
  }

  @Test(
    "A new SYN on the same ports begins another connection",
    arguments: [ConnectionEnd.fin, .rst, .replaced])
  func newSyn(end: ConnectionEnd) {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "one")
    wire.client(5, "waits")
    if end == .fin {
      wire.client(3, "--")
      wire.client(10, "", [.fin, .ack])
      wire.server(0, "", [.fin, .ack], ack: 11)
    }
    if end == .rst { wire.server(0, "", .rst) }
    (wire.clientStart, wire.serverStart) = (7_000_000, 9_000_000)
    wire.handshake()
    wire.client(0, "two")
    wire.server(0, "2")
    wire.finish()
    #expect(wire.log.connections.count == 2)
    #expect(wire.log.connections.map(\.info.stream) == [0, 1])
    #expect(wire.log.connections.map(\.end) == [end, .captureEnd])
    #expect(wire.log.connections[0].client.text == (end == .fin ? "one--waits" : "onewaits"))
    #expect(wire.log.connections[0].client.lost == (end == .fin ? 0 : 2))
    #expect(wire.log.connections[1].client.text == "two")
    #expect(wire.log.connections[1].server.text == "2")
  }

  @Test("The new SYN may come from the end that answered before")
  func newSynReversed() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "one")
    wire.server(0, "", .rst)
    wire.server(5_000_000, "", .syn)
    wire.client(8_000_000, "", [.syn, .ack], ack: 5_000_001)
    wire.server(5_000_001, "hello")
    wire.client(8_000_001, "world")
    wire.finish()
    #expect(wire.log.connections.last?.info.initiator.port == 80)
    #expect(wire.log.connections.last?.client.text == "hello")
    #expect(wire.log.connections.last?.server.text == "world")
  }
}
