import Pipeline
import SessionTestSupport
import TestSupport
import Testing
import WireBytes

@testable import SessionAnalysis
@testable import Sessions

@Suite("Connections that the user says are WebSockets")
struct ForcedSessionTests {
  private func analyzed(_ build: (inout TCPConversation) -> Void) -> Heard {
    var options = AnalysisOptions()
    options.ports.asWebSocket = [80]
    var tcp = TCPConversation()
    build(&tcp)
    return analyze(tcp.packets, options)
  }

  private func frames(_ tcp: inout TCPConversation) {
    for number in 1...4 {
      tcp.send(from: .client, SyntheticSession.frame(.client, .text, Array("question number \(number)".utf8)))
      tcp.send(from: .server, SyntheticSession.frame(.server, .text, Array("answer number \(number)".utf8)))
    }
  }

  @Test("With their first bytes, frames begin with the first one") func fromTheStart() {
    let heard = analyzed { tcp in
      tcp.handshake()
      frames(&tcp)
    }
    #expect(heard.rules == ["picked_up"])
    #expect(heard.closed.first?.client.messages == 4)
    #expect(heard.closed.first?.server.messages == 4)
    #expect(heard.closed.first?.client.unexplainedBytes == 0)
  }

  /// What is the rest of a frame looks like anything.
  private static let rest = Array("the rest of a message that began before the capture".utf8)

  @Test("Without a start, the first frame is searched for") func withoutStart() {
    let heard = analyzed { tcp in
      tcp.send(from: .client, Self.rest)
      tcp.send(from: .server, Self.rest)
      frames(&tcp)
    }
    #expect(heard.rules == ["picked_up", "resynchronised", "resynchronised"])
    #expect(heard.closed.first?.client.messages == 4)
    #expect(heard.closed.first?.server.messages == 4)
    #expect(heard.closed.first?.client.unexplainedBytes == UInt64(Self.rest.count))
    #expect(heard.closed.first?.server.unexplainedBytes == UInt64(Self.rest.count))
  }

  @Test("The same where the first bytes were lost") func withLostStart() {
    let heard = analyzed { tcp in
      tcp.handshake()
      tcp.lose(10, from: .client)
      tcp.send(from: .client, Self.rest)
      frames(&tcp)
    }
    #expect(heard.rules == ["picked_up", "lost_frame_sync", "resynchronised"])
    #expect(heard.closed.first?.client.messages == 4)
    #expect(heard.closed.first?.client.lostBytes == 10)
  }
}
