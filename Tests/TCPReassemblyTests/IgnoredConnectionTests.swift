import PacketLayers
import Testing
import WireBytes

@testable import TCPReassembly

@Suite struct IgnoredConnectionTests {
  @Test(
    "A sink that loses its interest while a limit is enforced ends the waiting",
    .timeLimit(.minutes(1)))
  func ignoredWhileOverLimit() {
    var limits = ReassemblyLimits()
    limits.pendingPerDirection = 1000
    let wire = Wire(limits: limits)
    wire.log.ignoresAfter = 1
    wire.handshake()
    // The first one is delivered when its gap is given up; the second one alone is over the limit.
    wire.client(10, "x")
    wire.client(20, String(repeating: "y", count: 2000))
    #expect(wire.connection.client.bytes.count == 1)
    #expect(wire.pendingCharge == 0)
    wire.finish()
  }

  @Test("A sink that loses its interest while a gap is given up ends the waiting", .timeLimit(.minutes(1)))
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
}
