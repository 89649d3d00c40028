import PacketLayers
import Testing
import WireBytes

@testable import TCPReassembly

@Suite struct LettingGoTests {
  private let second: Int64 = 1_000_000_000

  @Test("Beyond the limit of a direction, the first hole is lost")
  func pendingPerDirection() {
    var limits = ReassemblyLimits()
    limits.pendingPerDirection = 1000
    let wire = Wire(limits: limits)
    wire.handshake()
    wire.client(10, String(repeating: "a", count: 300))
    wire.client(400, String(repeating: "b", count: 300))
    #expect(wire.connection.client.end == 0)
    wire.client(1000, String(repeating: "c", count: 300))
    #expect(wire.connection.client.end == 310, "one hole is enough")
    #expect(wire.counts.holesOverLimit == 1)
    wire.finish()
    #expect(wire.connection.client.bytes.count == 900)
    #expect(wire.connection.client.holes == [0..<10, 310..<400, 700..<1000])
  }

  @Test("Beyond the number of segments that may wait, the first hole is lost")
  func pendingSegments() {
    var limits = ReassemblyLimits()
    limits.pendingSegments = 10
    let wire = Wire(limits: limits)
    wire.handshake()
    for index in 1...11 { wire.client(index * 2, "x") }
    #expect(wire.clientText == "x")
    #expect(wire.counts.holesOverLimit == 1)
    wire.finish()
    #expect(wire.connection.client.bytes.count == 11)
    #expect(wire.connection.client.lost == 12)
  }

  @Test("A limit may be so small that nothing can wait")
  func nothingWaits() {
    var limits = ReassemblyLimits()
    limits.pendingSegments = 0
    let wire = Wire(limits: limits)
    wire.handshake()
    wire.client(2, "cd")
    #expect(wire.clientText == "cd")
    wire.client(0, "abcdef")
    wire.finish()
    #expect(wire.clientText == "cdef")
    #expect(wire.counts.retransmissions == 0)
  }

  @Test("Beyond the limit for all connections together, holes are lost")
  func pendingInAll() {
    var limits = ReassemblyLimits()
    limits.pendingInAll = 5000
    let wire = Wire(limits: limits)
    for port in 1...100 as ClosedRange<UInt16> {
      wire.clientPort = port
      wire.handshake()
      wire.client(1, String(repeating: "x", count: 400))
      #expect(wire.pendingCharge <= 5000)
    }
    wire.finish()
    #expect(wire.log.connections.count == 100)
    #expect(wire.log.connections.allSatisfy { $0.client.bytes.count == 400 && $0.client.lost == 1 })
  }

  @Test(
    "A sink that loses its interest while a limit is enforced ends the waiting",
    .timeLimit(.minutes(1)))
  func ignoredWhileOverLimit() {
    var limits = ReassemblyLimits()
    limits.pendingPerDirection = 1000
    let wire = Wire(limits: limits)
    wire.log.ignoresAfter = 1
    wire.handshake()
    // The first one is delivered when its hole is given up; the second one alone is over the limit.
    wire.client(10, "x")
    wire.client(20, String(repeating: "y", count: 2000))
    #expect(wire.connection.client.bytes.count == 1)
    #expect(wire.pendingCharge == 0)
    wire.finish()
  }

  @Test("A sink that loses its interest while a hole is given up ends the waiting", .timeLimit(.minutes(1)))
  func ignoredWhileJudged() {
    let wire = Wire()
    wire.log.ignoresAfter = 1
    wire.handshake()
    wire.client(5, "x")
    wire.client(20, "", [.fin, .ack])
    for _ in 0..<40 { wire.server(0, "", .ack, ack: 21) }
    #expect(wire.clientText == "x")
    #expect(wire.pendingCharge == 0)
    wire.finish()
  }

  @Test("A sink that loses its interest while waiting segments are delivered gets no more")
  func ignoredWhileDraining() {
    for calls in 1...6 {
      let wire = Wire()
      wire.log.ignoresAfter = calls
      wire.handshake()
      for offset in [1, 2, 3, 5, 0, 4, 6] { wire.client(offset, "x") }
      wire.server(3, "y", [.fin, .ack])
      wire.client(9, "x")
      #expect(wire.connection.client.bytes.count == calls)
      #expect(wire.pendingCharge == 0)
      wire.finish()
    }
  }

  @Test(
    "An ignored connection ends with its FINs, whatever else is lost or late",
    arguments: [0, 1, 2, 3])
  func ignoredFin(variant: Int) {
    let wire = Wire()
    wire.log.ignoresAfter = 1
    wire.handshake()
    if variant == 3 { wire.server(90, "", [.fin, .ack]) }
    wire.client(0, "abc")
    if variant == 1 { wire.client(500, "late") }
    if variant == 2 { wire.client(0, "abc") }
    wire.client(variant == 0 ? 3 : 40, "", [.fin, .ack])
    if variant == 2 { wire.client(0, "abc") }
    #expect(wire.log.openTokens == (variant == 3 ? 0 : 1))
    if variant != 3 { wire.server(variant == 0 ? 0 : 90, "", [.fin, .ack], ack: 4) }
    #expect(wire.log.openTokens == 0)
    wire.finish()
    #expect(wire.clientText == "abc")
    #expect(wire.connection.end == .fin)
  }

  @Test(
    "An ignored connection ends with a RST, a new SYN, the end of the capture",
    arguments: [0, 1, 2])
  func ignoredEnds(variant: Int) {
    let wire = Wire()
    wire.log.ignoresAfter = 1
    wire.handshake()
    wire.client(0, "abc")
    wire.client(3, "def")
    if variant == 0 { wire.client(6, "", .rst) }
    if variant == 1 { wire.client(90_000, "", .syn) }
    wire.finish()
    #expect(
      wire.log.connections.map(\.end) == [[ConnectionEnd.rst, .replaced, .captureEnd][variant]])
  }

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

  @Test("Beyond the limit on connections, closed ones go first, then those idle longest")
  func eviction() {
    var limits = ReassemblyLimits()
    limits.connections = 10
    let wire = Wire(limits: limits)
    func open(_ port: UInt16) {
      wire.clientPort = port
      wire.handshake()
      wire.client(0, "abc")
    }
    for port in 1...10 as ClosedRange<UInt16> { open(port) }
    wire.clientPort = 1
    wire.client(3, "def")
    wire.clientPort = 5
    wire.client(3, "", .rst)
    open(11)
    #expect(wire.counts.connectionsGivenUp == 0)
    open(12)
    #expect(wire.counts.connectionsGivenUp == 1)
    #expect(wire.counts.connectionsOverLimit == 1)
    let flows = wire.reassembler.table.count
    #expect(flows == 10)
    #expect(wire.log.connections.map(\.end).firstIndex(of: .gaveUp) == 1, "port 2 was idle longest")
    wire.finish()
  }

  /// Two connections of each kind, those worth most first: they are idle longest.
  private func tenConnections() -> Wire {
    var limits = ReassemblyLimits()
    limits.connections = 10
    let wire = Wire(limits: limits)
    wire.log.sessionPorts = [1, 2]
    for port in 1...10 as ClosedRange<UInt16> {
      wire.clientPort = port
      wire.handshake()
      switch port {
      case 1...4: wire.client(0, "frames, or not known")
      case 5...6:
        wire.log.ignoresAfter = 0
        wire.client(0, "ignored")
        wire.log.ignoresAfter = .max
      case 7...8: wire.client(0, "closed", .rst)
      default: break
      }
    }
    return wire
  }

  @Test(
    "Beyond the limit on connections, those that are worth more go later",
    arguments: [
      // Of two closed ones one is over what is remembered, then there are two without payload, then the other.
      (4, []), (5, [5]), (6, [5, 6]), (7, [3, 5, 6]), (8, [3, 4, 5, 6]), (9, [1, 3, 4, 5, 6]),
    ] as [(UInt16, [UInt16])])
  func worth(others: UInt16, gone: [UInt16]) {
    let wire = tenConnections()
    for port in 1000..<1000 + others {
      wire.log.sessionPorts.insert(port)
      wire.clientPort = port
      wire.handshake()
      wire.client(0, "frames")
    }
    let ended = wire.log.connections.filter { $0.end == .gaveUp }.map(\.info.initiator.port)
    #expect(ended == gone)
    let flows = wire.reassembler.table.count
    #expect(flows == 10)
    wire.finish()
  }

  @Test("However many SYNs come, no connection with payload is let go for them")
  func synFlood() {
    let wire = tenConnections()
    for port in 1000..<3000 as Range<UInt16> {
      wire.clientPort = port
      wire.client(-1, "", .syn)
    }
    #expect(!wire.log.connections.contains { $0.end == .gaveUp })
    #expect(wire.counts.connectionsOverLimit == 2000 - 1, "one closed one went for them")
    wire.finish()
  }

  @Test("However many connections there are, only so many are kept")
  func manyConnections() {
    var limits = ReassemblyLimits()
    limits.connections = 1000
    let wire = Wire(limits: limits)
    for index in 0..<20_000 {
      wire.clientPort = UInt16(index)
      wire.client(index % 3 == 0 ? 5 : 0, "x", .ack, ack: index % 3)
      let isWithin = wire.reassembler.table.count <= 1000 && wire.reassembler.flows.count <= 1000
      #expect(isWithin)
    }
    wire.finish()
    #expect(wire.counts.connections == 20_000)
    #expect(wire.counts.connectionsGivenUp == 19_000)
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
