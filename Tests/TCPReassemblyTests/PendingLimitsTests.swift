import PacketLayers
import Testing
import WireBytes

@testable import TCPReassembly

@Suite struct PendingLimitsTests {
  @Test("Beyond the limit of a direction, the first gap is lost")
  func pendingPerDirection() {
    var limits = ReassemblyLimits()
    limits.pendingPerDirection = 1000
    let wire = Wire(limits: limits)
    wire.handshake()
    wire.client(10, String(repeating: "a", count: 300))
    wire.client(400, String(repeating: "b", count: 300))
    #expect(wire.connection.client.end == 0)
    wire.client(1000, String(repeating: "c", count: 300))
    #expect(wire.connection.client.end == 310, "one gap is enough")
    #expect(wire.counts.gapsOverLimit == 1)
    wire.finish()
    #expect(wire.connection.client.bytes.count == 900)
    #expect(wire.connection.client.gaps == [0..<10, 310..<400, 700..<1000])
  }

  @Test("Beyond the number of segments that may wait, the first gap is lost")
  func pendingSegments() {
    var limits = ReassemblyLimits()
    limits.pendingSegments = 10
    let wire = Wire(limits: limits)
    wire.handshake()
    for index in 1...11 { wire.client(index * 2, "x") }
    #expect(wire.clientText == "x")
    #expect(wire.counts.gapsOverLimit == 1)
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

  @Test("Beyond the limit for all connections together, gaps are lost")
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
}
