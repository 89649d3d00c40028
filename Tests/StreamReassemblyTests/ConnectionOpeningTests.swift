import PacketLayers
import Testing
import WireBytes

@testable import StreamReassembly

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

  @Test("Without a SYN the stream begins with the first byte captured; its sender counts as the initiator")
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
    #expect(wire.connection.server.holes.isEmpty)
  }

  @Test("A keep-alive probe before any acknowledgment does not make a hole of one byte")
  func midStreamKeepAliveFirst() {
    let wire = Wire()
    wire.client(49, "", .ack, ack: 700)
    wire.client(50, "abc", .ack, ack: 700)
    #expect(wire.clientText == "abc")
    wire.finish()
    #expect(wire.connection.client.holes.isEmpty)
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
