import TestSupport
import Testing
import WebSocketCapture

@Suite struct SessionClosedTests {
  private func closed(_ end: (inout TCPConversation) -> Void) throws -> SessionClosed {
    var tcp = TCPConversation()
    tcp.upgrade()
    tcp.text(from: .client, "hello")
    tcp.acknowledge(from: .server)
    end(&tcp)
    return try #require(try events(of: tcp.packets).closed.first)
  }

  @Test("The side whose Close came first closed the session")
  func oneSide() throws {
    let closed = try closed { tcp in
      tcp.closeFrame(from: .server, 1001)
      tcp.closeFrame(from: .client, 1001)
      tcp.close()
    }
    #expect(closed.how == .closeHandshake && closed.closedBy == .server && closed.code == 1001)
  }

  @Test("Close frames that cross are both sides' doing")
  func bothSides() throws {
    let closed = try closed { tcp in
      tcp.crossingCloses(1000)
      tcp.close()
    }
    #expect(closed.how == .closeHandshake && closed.closedBy == .both)
  }

  @Test("Nobody closed a session that is open when the capture ends")
  func nobody() throws {
    let closed = try closed { _ in }
    #expect(closed.how == .captureEnd && closed.closedBy == nil && closed.code == nil)
  }

  @Test("A reset without a Close frame is its sender's doing")
  func reset() throws {
    let closed = try closed { $0.rst(from: .client) }
    #expect(closed.how == .rst && closed.closedBy == .client && !closed.verdict.isEmpty)
  }

  @Test("Every total by its own name")
  func eachTotal() throws {
    let closed = try closed { tcp in
      for number in 0..<2 {
        tcp.send(from: .server, [0x89, 1, UInt8(number)])
        tcp.send(from: .server, [0x8A, 0])
      }
      tcp.send(from: .server, [0x8A, 0])
      // One message in three frames.
      tcp.send(from: .server, [0x01, 1, 0x61])
      tcp.send(from: .server, [0x00, 1, 0x62])
      tcp.send(from: .server, [0x80, 1, 0x63])
      tcp.close()
    }
    let server = closed.server
    #expect((server.messages, server.frames, server.bytes) == (1, 8, 3))
    #expect((server.pings, server.pongs) == (2, 3))
    #expect((server.wireBytes, server.streamBytes) == (21, 21))
    #expect((server.lostBytes, server.unexplainedBytes) == (0, 0))
    #expect((closed.client.messages, closed.client.frames, closed.client.bytes) == (1, 1, 5))
  }

  @Test("The totals of both sides add up to their streams")
  func totals() throws {
    let closed = try closed { tcp in
      tcp.text(from: .server, "some answer")
      tcp.lose(7, from: .client)
      tcp.text(from: .client, "more")
      tcp.close()
    }
    for side in [closed.client, closed.server] {
      #expect(side.streamBytes == side.wireBytes + side.lostBytes + side.unexplainedBytes)
    }
    #expect(closed.client.lostBytes == 7 && closed.server.lostBytes == 0)
    #expect(closed.server.messages == 1 && closed.server.bytes == 11)
  }
}
