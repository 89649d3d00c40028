import PacketLayers
import Testing
import WireBytes

@testable import TCPReassembly

@Suite struct ConnectionEndingTests {
  @Test("Two FINs end a connection, in any order, with or without bytes", arguments: [false, true])
  func fins(withBytes: Bool) {
    for order in permutations(of: [0, 1, 2, 3]) {
      let wire = Wire()
      wire.handshake()
      wire.client(0, "abc")
      wire.server(0, "xyz")
      for step in order {
        switch step {
        case 0: wire.client(3, "de")
        case 1: wire.client(5, withBytes ? "f" : "", [.fin, .ack])
        case 2: wire.server(3, "uv")
        default: wire.server(5, withBytes ? "w" : "", [.fin, .ack])
        }
      }
      #expect(wire.log.openTokens == 0, "order \(order)")
      wire.finish()
      #expect(wire.clientText == (withBytes ? "abcdef" : "abcde"))
      #expect(wire.serverText == (withBytes ? "xyzuvw" : "xyzuv"))
      #expect(wire.connection.end == .fin)
      #expect(wire.connection.client.isFinished && wire.connection.server.isFinished)
      let clientFirst = order.firstIndex(of: 1).map { $0 < order.firstIndex(of: 3) ?? 0 }
      #expect(wire.connection.endedBy == (clientFirst == true ? .fromInitiator : .fromResponder))
      #expect(wire.connection.endPosition?.packet == 9)
    }
  }

  @Test("After one FIN the other end goes on sending")
  func halfClose() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "request", [.fin, .ack])
    #expect(wire.connection.client.isFinished)
    wire.server(0, "a", .ack, ack: 8)
    wire.server(1, "b", .ack, ack: 8)
    wire.client(8, "", .ack, ack: 2)
    wire.server(2, "c", [.fin, .ack], ack: 8)
    wire.client(8, "", .ack, ack: 4)
    wire.finish()
    #expect(wire.serverText == "abc")
    #expect(wire.connection.end == .fin)
    #expect(wire.connection.client.lost + wire.connection.server.lost == 0)
  }

  @Test("A FIN sent again, alone or with its bytes, changes nothing")
  func finTwice() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc", [.fin, .ack])
    wire.client(0, "abc", [.fin, .ack])
    wire.client(3, "", [.fin, .ack])
    wire.client(3, "", .ack)
    wire.server(0, "ok", .ack, ack: 4)
    wire.finish()
    #expect(wire.clientText == "abc")
    #expect(wire.serverText == "ok")
    #expect(wire.connection.end == .captureEnd)
  }

  @Test("Nothing follows a FIN", arguments: [false, true])
  func bytesAfterFin(finWaits: Bool) {
    let wire = Wire()
    wire.handshake()
    if finWaits { wire.client(3, "", [.fin, .ack]) }
    wire.client(0, finWaits ? "abcXX" : "abc")
    if !finWaits { wire.client(3, "", [.fin, .ack]) }
    wire.client(3, "x")
    wire.client(2, "cx")
    wire.client(4, "xy")
    wire.server(0, "ok", .ack, ack: 4)
    wire.finish()
    #expect(wire.clientText == "abc")
    #expect(wire.serverText == "ok")
    #expect(wire.connection.client.isFinished)
    #expect(wire.counts.afterEnd == 3)
  }

  @Test("A FIN before the bytes that are known is none", arguments: [-500, 0, 2])
  func finBehind(offset: Int) {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.client(5, "fgh")
    wire.client(offset, "", [.fin, .ack])
    wire.client(offset + 4, "", [.fin, .ack])
    wire.client(3, "de")
    wire.client(8, "i")
    wire.finish()
    #expect(wire.clientText == "abcdefghi")
    #expect(!wire.connection.client.isFinished)
  }

  @Test(
    "Bytes lost before the FIN: the acknowledgment of the FIN proves it, and the connection ends")
  func gapBeforeFin() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.client(10, "", [.fin, .ack])
    wire.server(0, "", [.fin, .ack], ack: 11)
    #expect(wire.log.openTokens == 1, "the packet may still come")
    for _ in 0..<40 { wire.client(11, "", .ack, ack: 1) }
    wire.server(1, "", .ack, ack: 11)
    #expect(wire.log.openTokens == 0)
    wire.finish()
    #expect(wire.connection.client.gaps == [3..<10])
    #expect(wire.connection.client.isFinished)
    #expect(wire.connection.end == .fin)
    #expect(wire.connection.endedBy == .fromInitiator)
  }

  @Test("Bytes lost before the FIN and never acknowledged are lost when the capture ends")
  func gapBeforeFinAtTheEnd() {
    let wire = Wire()
    wire.handshake()
    wire.server(0, "x", [.fin, .ack])
    wire.client(0, "abc")
    wire.client(6, "gh", .ack)
    wire.client(10, "", [.fin, .ack])
    wire.finish()
    #expect(wire.clientText == "abcgh")
    #expect(wire.connection.client.gaps == [3..<6, 8..<10])
    #expect(wire.connection.client.isFinished)
    #expect(wire.connection.end == .fin, "both sent a FIN")
    #expect(wire.connection.endedBy == .fromResponder)
  }

  @Test("The FIN's packet was lost: its acknowledgment is no lost byte")
  func finLost() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.server(0, "", [.fin, .ack], ack: 4)
    wire.client(4, "", .ack, ack: 1)
    wire.finish()
    #expect(wire.connection.client.gaps.isEmpty)
    #expect(wire.connection.server.gaps.isEmpty)
    #expect(wire.connection.end == .captureEnd)
  }

  @Test(
    "A RST near the next byte ends the connection, others do not",
    arguments: [
      (3, true), (2, true), (0, true), (4, true), (5, true), (100_000, true), (-60_000, true),
      (-70_000, false), (20_000_000, false), (1 << 31, false), (-1001, true),
    ])
  func reset(offset: Int, isValid: Bool) {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.client(offset, "", .rst)
    wire.server(0, "ok", .ack, ack: 3)
    wire.finish()
    #expect(wire.clientText == "abc")
    #expect(wire.connection.end == (isValid ? .rst : .captureEnd))
    #expect(wire.connection.endedBy == (isValid ? .fromInitiator : nil))
    #expect(wire.serverText == (isValid ? "" : "ok"))
    #expect(wire.counts.invalidResets == (isValid ? 0 : 1))
    #expect(wire.counts.afterEnd == (isValid ? 1 : 0))
  }

  @Test(
    "A RST off its place ends nothing when the connection goes on",
    arguments: [(100, true), (3, false), (0, true)])
  func forgedReset(offset: Int, isIgnored: Bool) {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.server(0, "ok", .ack, ack: 3)
    wire.client(offset, "", .rst)
    wire.server(2, "!", .ack, ack: 3)
    wire.client(3, "def", .ack, ack: 3)
    wire.finish()
    #expect(wire.clientText == (isIgnored ? "abcdef" : "abc"))
    #expect(wire.connection.end == (isIgnored ? .captureEnd : .rst))
    #expect(wire.counts.invalidResets == (isIgnored ? 1 : 0))
  }

  @Test("A RST whose number only lost bytes explain ends the connection where it stood")
  func resetAfterLostBytes() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.client(500, "", .rst)
    let packet = wire.packet
    wire.clientPort = 2
    for _ in 0..<3 { wire.client(0, "other") }
    wire.finish()
    #expect(wire.connection.end == .rst && wire.connection.endedBy == .fromInitiator)
    #expect(wire.connection.endPosition?.packet == packet)
  }

  @Test("A RST with sequence number 0 is checked like every other")
  func resetWithZero() {
    let wire = Wire(clientStart: 3_000_000_000)
    wire.handshake()
    wire.client(0, "abc")
    wire.client(-3_000_000_000, "", .rst)
    wire.client(3, "def")
    wire.finish()
    #expect(wire.clientText == "abcdef")
    #expect(wire.counts.invalidResets == 1)
  }

  @Test("A RST delivers what waits, and the gaps as lost")
  func resetWithGaps() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.client(5, "fg")
    wire.server(1, "y")
    wire.server(0, "", .rst)
    wire.finish()
    #expect(wire.clientText == "abcfg")
    #expect(wire.connection.client.gaps == [3..<5])
    #expect(wire.serverText == "y")
    #expect(wire.connection.server.gaps == [0..<1])
    #expect(wire.connection.endedBy == .fromResponder)
    #expect(wire.connection.endPosition?.packet == 7)
  }

  @Test("Packets after the end belong to no new connection")
  func latePackets() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc", [.fin, .ack])
    wire.server(0, "ok", [.fin, .ack], ack: 4)
    wire.client(4, "", .ack, ack: 3)
    wire.client(0, "abc", [.fin, .ack])
    wire.server(0, "ok", .ack)
    wire.client(4, "", .rst)
    wire.client(-1, "", .syn)
    wire.server(-1, "", [.syn, .ack])
    wire.finish()
    #expect(wire.log.connections.count == 1)
    #expect(wire.counts.connections == 1)
    #expect(wire.counts.afterEnd == 2)
  }

  @Test("A connection without payload is never opened")
  func noPayload() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "", [.fin, .ack])
    wire.server(0, "", [.fin, .ack], ack: 1)
    wire.client(1, "", .ack, ack: 1)
    wire.clientPort = 2
    wire.client(-1, "", .syn)
    wire.server(0, "", .rst)
    wire.finish()
    #expect(wire.log.connections.isEmpty)
    #expect(wire.counts.connections == 2)
  }

  @Test("The end of the capture closes what is open in the order in which it was opened")
  func captureEnd() {
    let wire = Wire()
    for port in [5, 9, 3, 7] as [UInt16] {
      wire.clientPort = port
      wire.handshake()
      wire.client(0, "abc")
    }
    wire.finish()
    #expect(
      wire.log.connections.map(\.end) == [.captureEnd, .captureEnd, .captureEnd, .captureEnd])
    #expect(wire.log.connections.map(\.info.stream) == [0, 1, 2, 3])
    #expect(
      wire.log.connections.map(\.endPosition?.packet) == [4, 8, 12, 16],
      "packet and time of a connection's end are those of its last packet")
  }
}
