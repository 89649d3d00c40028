import PacketLayers
import Testing
import WireBytes

@testable import TCPReassembly

@Suite("In which order both directions of a connection end")
struct EndingOrderTests {
  @Test("The one whose FIN came first, where bytes before both are lost", arguments: [false, true])
  func firstFin(isServerFirst: Bool) {
    let wire = Wire()
    wire.handshake()
    let fins = [{ wire.client(5, "", [.fin, .ack]) }, { wire.server(7, "", [.fin, .ack]) }]
    for fin in isServerFirst ? fins.reversed() : fins { fin() }
    wire.finish()
    let client = ["fromInitiator lost 5", "fromInitiator finished"]
    let server = ["fromResponder lost 7", "fromResponder finished"]
    #expect(wire.connection.order == (isServerFirst ? server + client : client + server))
    #expect(wire.connection.end == .fin)
    #expect(wire.connection.endedBy == (isServerFirst ? .fromResponder : .fromInitiator))
  }

  @Test("The initiator first, where one segment ends the grace of both", arguments: [false, true])
  func grace(isServerLast: Bool) {
    let wire = Wire()
    wire.handshake()
    wire.client(5, "x", ack: 8)
    wire.server(7, "y", ack: 6)
    wire.client(6, "", ack: 8)
    wire.time += 300_000_000
    if isServerLast { wire.server(8, "", ack: 6) } else { wire.client(6, "", ack: 8) }
    #expect(wire.connection.order == ["fromInitiator lost 5", "fromResponder lost 7"])
  }
}
