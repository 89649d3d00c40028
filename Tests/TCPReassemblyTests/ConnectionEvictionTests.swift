import PacketLayers
import Testing
import WireBytes

@testable import TCPReassembly

@Suite struct ConnectionEvictionTests {
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
}
