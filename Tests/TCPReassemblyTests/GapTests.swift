import PacketLayers
import Testing
import WireBytes

@testable import TCPReassembly

@Suite struct GapTests {
  @Test("A gap that the other end acknowledged is lost after so many segments of the connection")
  func proofAndSegments() {
    var limits = ReassemblyLimits()
    limits.segmentsOfGrace = 5
    let wire = Wire(limits: limits)
    wire.handshake()
    wire.client(0, "abc")
    wire.client(6, "ghi")
    for _ in 0..<50 { wire.server(0, "", .ack, ack: 3) }
    #expect(wire.clientText == "abc", "no proof so far")
    for _ in 0..<5 { wire.server(0, "", .ack, ack: 9) }
    #expect(wire.clientText == "abc")
    wire.server(0, "", .ack, ack: 9)
    #expect(wire.clientText == "abcghi")
    wire.finish()
    #expect(wire.connection.client.gaps == [3..<6])
    #expect(wire.connection.client.packets.last == 5, "bytes that waited keep their packet")
  }

  @Test("The sender's own segments count, too: it may be the only one that goes on")
  func grace() {
    var limits = ReassemblyLimits()
    limits.segmentsOfGrace = 5
    let wire = Wire(limits: limits)
    wire.handshake()
    wire.client(0, "abc")
    wire.client(6, "ghi")
    wire.server(0, "", .ack, ack: 9)
    for offset in 9..<20 { wire.client(offset, "j") }
    #expect(wire.clientText == "abcghijjjjjjjjjjj")
    wire.finish()
    #expect(wire.connection.client.gaps == [3..<6])
  }

  @Test("A gap that the other end acknowledged is lost after some time")
  func proofAndTime() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.client(6, "ghi")
    wire.server(0, "", .ack, ack: 9)
    wire.time += 199_000_000
    wire.server(0, "", .ack, ack: 9)
    #expect(wire.clientText == "abc")
    wire.time += 2_000_000
    wire.server(0, "", .ack, ack: 9)
    #expect(wire.clientText == "abcghi")
    wire.finish()
    #expect(wire.connection.client.gaps == [3..<6])
  }

  @Test(
    "Nothing waits in a connection whose missing bytes nobody waits for, and what comes late is not delivered"
  )
  func noWaiting() {
    let wire = Wire()
    wire.log.waits = false
    wire.handshake()
    wire.client(0, "abc")
    wire.client(6, "ghi")
    #expect(wire.clientText == "abcghi")
    #expect(wire.reassembler.counts.gapsOverLimit == 0)
    wire.client(3, "def")
    wire.client(9, "jkl")
    wire.finish()
    #expect(wire.clientText == "abcghijkl")
    #expect(wire.connection.client.gaps == [3..<6])
  }

  @Test("What waits already is delivered with the next bytes that nobody waits for")
  func noMoreWaiting() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.client(6, "ghi")
    wire.log.waits = false
    wire.client(12, "mno")
    #expect(wire.clientText == "abcghimno")
    wire.finish()
    #expect(wire.connection.client.gaps == [3..<6, 9..<12])
  }

  @Test("Bytes that come within the grace fill the gap")
  func lateBytes() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.client(6, "ghi")
    for _ in 0..<10 { wire.server(0, "", .ack, ack: 9) }
    wire.client(3, "def")
    wire.finish()
    #expect(wire.clientText == "abcdefghi")
    #expect(wire.connection.client.gaps.isEmpty)
  }

  @Test("The grace of a filled gap is not the next one's")
  func graceOfTheNextGap() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "a")
    wire.client(2, "c")
    for _ in 0..<30 { wire.server(0, "", .ack, ack: 3) }
    wire.client(4, "e")
    wire.client(1, "b")
    for _ in 0..<30 { wire.server(0, "", .ack, ack: 5) }
    wire.client(3, "d")
    wire.finish()
    #expect(wire.clientText == "abcde")
    #expect(wire.connection.client.gaps.isEmpty)
  }

  @Test("Gaps proven together are lost together: a lossy capture does not fall behind")
  func manyGaps() {
    let wire = Wire()
    wire.handshake()
    // Every second segment is missing; each is acknowledged at once.
    for index in 0..<1000 {
      wire.client(index * 20, String(repeating: "x", count: 10))
      wire.server(0, "", .ack, ack: index * 20 + 10)
    }
    let end = wire.connection.client.end
    #expect(end > 20_000 - 20 * 3 * 32, "\(end)")
    wire.finish()
    #expect(wire.connection.client.lost == 9990)
    #expect(wire.connection.client.bytes.count == 10_000)
  }

  @Test("A gap at the end: acknowledged bytes that were never captured are lost, the FIN is none")
  func gapAtTheEnd() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.server(0, "hello", .ack, ack: 10)
    wire.client(10, "", .ack, ack: 7)
    wire.finish()
    #expect(wire.connection.client.gaps == [3..<10])
    #expect(wire.connection.server.gaps == [5..<7])
  }

  @Test("A connection of which no payload was captured reports what was acknowledged")
  func nothingCaptured() {
    let wire = Wire()
    wire.handshake()
    wire.server(0, "", .ack, ack: 500)
    wire.client(500, "", [.ack, .fin], ack: 1200)
    wire.server(1200, "", [.ack, .fin], ack: 501)
    wire.client(501, "", .ack, ack: 1201)
    wire.finish()
    #expect(wire.connection.client.gaps == [0..<500])
    #expect(wire.connection.server.gaps == [0..<1200])
    #expect(wire.connection.end == .fin)
  }

  @Test(
    "Without the other direction a gap is lost once a retransmission would have come",
    arguments: [true, false])
  func oneDirection(bySegments: Bool) {
    let wire = Wire()
    if !bySegments { wire.interval = 100_000_000 }
    wire.client(-1, "", .syn)
    wire.client(0, "abc")
    wire.client(6, "g")
    for offset in 7..<18 { wire.client(offset, "h") }
    #expect(wire.clientText == "abc", "it may still come")
    for offset in 18..<(bySegments ? 530 : 30) { wire.client(offset, "h") }
    #expect(wire.clientText.hasPrefix("abcgh"))
    wire.finish()
    #expect(wire.connection.client.gaps == [3..<6])
  }

  @Test("Many gaps in one direction do not make it fall behind")
  func manyGapsInOneDirection() {
    let wire = Wire()
    wire.client(-1, "", .syn)
    for index in 0..<5000 { wire.client(index * 20, "0123456789") }
    #expect(wire.connection.client.end > 5000 * 20 - 2 * 512 * 20)
    wire.finish()
    #expect(wire.connection.client.bytes.count == 50_000)
  }
}
