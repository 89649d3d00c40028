import PacketLayers
import Testing
import WireBytes

@testable import TCPReassembly

@Suite struct FailedConnectionTests {
  private func failures(_ script: (Wire) -> Void) -> [FailedConnection] {
    let wire = Wire()
    script(wire)
    wire.finish()
    return wire.log.failures
  }

  @Test func aRSTThatAnswersASYNIsTold() throws {
    let found = failures {
      $0.client(-1, "", .syn)
      $0.server(-1, "", [.rst, .ack])
    }
    let failed = try #require(found.first)
    #expect(found.count == 1)
    #expect(failed.isRefused && failed.syns == 1 && failed.firstPacket == 1 && failed.lastPacket == 2)
    #expect(failed.initiator.port == 40_000 && failed.responder.port == 80)
  }

  @Test func aSYNThatIsSentAgainIsTold() {
    let found = failures { wire in
      for _ in 0..<3 {
        wire.client(-1, "", .syn)
        wire.time += 1_000_000_000
      }
    }
    #expect(found.map(\.firstPacket) == [1, 2] && found.map(\.lastPacket) == [2, 3])
    #expect(found.allSatisfy { !$0.isRefused && $0.syns == 2 })
  }

  @Test func aSYNThatIsRefusedAgainIsTold() {
    let found = failures { wire in
      for _ in 0..<3 {
        wire.client(-1, "", .syn)
        wire.server(-1, "", [.rst, .ack])
        wire.time += 500_000_000
      }
    }
    #expect(found.map(\.lastPacket) == [2, 4, 6] && found.allSatisfy(\.isRefused))
  }

  @Test("Connections that came about, that were given up by who asked, and copies of a SYN are not told")
  func others() {
    let scripts: [(Wire) -> Void] = [
      {
        $0.handshake()
        $0.server(0, "", .rst)
      },
      {
        $0.client(-1, "", .syn)
        $0.client(0, "", .rst)
      },
      {
        $0.client(-1, "", .syn)
        $0.client(-1, "", .syn)
        $0.server(-1, "", [.syn, .ack])
      },
      {
        $0.server(-1, "", [.syn, .ack])
        $0.server(0, "", .rst)
      },
    ]
    for script in scripts { #expect(failures(script).isEmpty) }
  }
}
