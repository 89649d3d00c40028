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
