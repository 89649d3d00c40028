import PacketLayers
import Testing
import WireBytes

@testable import TCPReassembly

@Suite struct FlowExpiryTests {
  private let second: Int64 = 1_000_000_000

  @Test("A connection idle for too long is let go, with what waits in it")
  func idle() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.client(5, "fg")
    let lastTime = wire.time - wire.interval
    wire.time += 7201 * second
    wire.clientPort = 7
    wire.handshake()
    for offset in 0..<100 { wire.client(offset, "x") }
    #expect(wire.connection.end == .gaveUp)
    #expect(wire.clientText == "abcfg")
    #expect(wire.connection.endPosition?.packet == 5, "of its last packet")
    #expect(wire.connection.endPosition?.time.nanoseconds == lastTime)
    #expect(wire.counts.connectionsGivenUp == 1)
    let flows = wire.reassembler.table.count
    #expect(flows == 1)
    wire.finish()
  }

  @Test(
    "Every 64 segments a few slots are looked at, and a round begins after an eighth of the shortest time")
  func pace() {
    var limits = ReassemblyLimits()
    (limits.idleTime, limits.lingerTime) = (80, 160)
    var expiry = FlowExpiry()
    func looks(_ segments: Int, at time: Int64) -> [Int] {
      (1...segments).filter { _ in expiry.isDue(CaptureTime(nanoseconds: time), limits) }
    }
    #expect(looks(200, at: 0) == [64])
    #expect(looks(100, at: 9) == [])
    #expect(looks(100, at: 10) == [20])
    // A round that is not at its end goes on.
    #expect(expiry.nextSlot(of: 2) == 0)
    #expect(looks(200, at: 10) == [48, 112, 176])
    #expect(expiry.nextSlot(of: 2) == 1)
    #expect(expiry.nextSlot(of: 2) == nil)
    #expect(looks(200, at: 10) == [])
    // The clock may be set back.
    #expect(looks(64, at: 9).count == 1)
  }

  @Test("A closed connection is forgotten after a while, an open one that is not idle stays")
  func linger() {
    var limits = ReassemblyLimits()
    limits.remembered = 0
    let wire = Wire(limits: limits)
    wire.handshake()
    wire.client(0, "abc", .rst)
    wire.clientPort = 7
    wire.handshake()
    for offset in 0..<50 {
      wire.time += second
      wire.client(offset, "x")
    }
    let before = wire.reassembler.table.count
    #expect(before == 2)
    for offset in 50..<200 {
      wire.time += second
      wire.client(offset, "x")
    }
    let after = wire.reassembler.table.count
    #expect(after == 1)
    wire.finish()
    #expect(wire.connection.client.bytes.count == 200)
    #expect(wire.log.connections.count == 1)
  }

  @Test("Late packets begin no new connection, however late", arguments: [59, 61, 100_000])
  func latePackets(seconds: Int64) {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.server(0, "x", [.fin, .ack], ack: 3)
    wire.client(3, "", [.fin, .ack], ack: 2)
    wire.time += seconds * second
    let (clientStart, port) = (wire.clientStart, wire.clientPort)
    // Others go on meanwhile, so that the janitor comes by.
    wire.clientPort = 7
    for offset in 0..<200 { wire.client(offset, "y") }
    (wire.clientStart, wire.clientPort) = (clientStart, port)
    wire.client(0, "abc")
    wire.server(0, "x", ack: 3)
    wire.finish()
    #expect(wire.counts.connections == 2)
    #expect(wire.counts.afterEnd == 2)
  }

  @Test("Only so many closed connections are remembered for longer than a minute")
  func remembered() {
    var limits = ReassemblyLimits()
    limits.remembered = 10
    let wire = Wire(limits: limits)
    for port in 1...100 as ClosedRange<UInt16> {
      wire.clientPort = port
      wire.handshake()
      wire.client(0, "abc", .rst)
    }
    wire.time += 61 * second
    wire.clientPort = 7000
    for offset in 0..<2000 { wire.client(offset, "y") }
    let flows = wire.reassembler.table.count
    let closed = wire.reassembler.closedFlows
    #expect(flows == 11)
    #expect(closed == 10)
    wire.finish()
  }

  @Test("Long after the end, bytes from elsewhere are those of another connection")
  func anotherConnection() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc", .rst)
    wire.time += 61 * second
    wire.clientStart = 0x7000_0000
    wire.serverStart = 0x3000_0000
    wire.client(500, "def", ack: 100)
    wire.server(100, "xyz", ack: 503)
    wire.finish()
    #expect(wire.counts.connections == 2)
    #expect(wire.log.connections.last?.client.text == "def")
    #expect(wire.log.connections.last?.server.text == "xyz")
  }

  @Test("Packets out of time order let nothing go")
  func timeBackwards() {
    let wire = Wire()
    wire.handshake()
    wire.time -= 100_000 * second
    for offset in 0..<200 {
      wire.time -= second
      wire.client(offset, "x")
    }
    wire.finish()
    #expect(wire.connection.client.bytes.count == 200)
    #expect(wire.connection.end == .captureEnd)
  }
}
