import SessionTestSupport
import TestSupport
import Testing
import WireBytes

@testable import Output
@testable import SessionAnalysis
@testable import Sessions

/// A client at 10.0.0.1 asks a proxy at 10.0.0.2, which asks for connections to a server and answers with an error.
private struct FailedUpgrade {
  var client = TCPConversation(server: TestEndpoint("10.0.0.2", 80))
  var others: [Packet] = []
  private var port: UInt16 = 50_000

  init() {
    client.handshake()
    client.send(
      from: .client,
      Array(
        ("GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(SyntheticSession.key)\r\n\r\n").utf8))
  }

  /// A connection that is asked for with so many SYNs, a second apart.
  mutating func attempt(
    _ server: String = "10.0.0.3", from proxy: String = "10.0.0.2", syns: Int = 1, isRefused: Bool
  ) {
    port += 1
    var tcp = TCPConversation(
      client: TestEndpoint(TestAddress(proxy), port), server: TestEndpoint(TestAddress(server), 9000),
      start: client.now)
    for number in 0..<syns {
      if number > 0 { tcp.wait(milliseconds: 1000) }
      tcp.clientNext = 1000
      tcp.segment(from: .client, .syn)
    }
    if isRefused {
      tcp.serverNext = 0
      tcp.segment(from: .server, [.rst, .ack])
    } else {
      tcp.wait(milliseconds: 500)
    }
    client.now = tcp.now
    others += tcp.packets
  }

  mutating func answer(_ status: Int = 502) {
    client.send(from: .server, Array("HTTP/1.1 \(status) No\r\nContent-Length: 0\r\n\r\n".utf8))
    client.close()
  }

  var packets: [Packet] { client.packets + others }
}

@Suite struct FailedConnectionsTests {
  private func cause(_ script: (inout FailedUpgrade) -> Void) throws -> String? {
    var upgrade = FailedUpgrade()
    script(&upgrade)
    return try #require(analyze(upgrade.packets).closed.first).causePhrase
  }

  @Test func aRefusedConnectionIsNamed() throws {
    let words = try cause {
      $0.attempt(isRefused: true)
      $0.answer()
    }
    #expect(words == "upstream 10.0.0.3:9000 refused the connection (RST in answer to SYN, packet 6)")
  }

  @Test("Of an answer that is cut by the snapshot length the start is enough")
  func cutAnswer() throws {
    var upgrade = FailedUpgrade()
    upgrade.attempt(isRefused: true)
    upgrade.answer()
    let packets = upgrade.packets.map { packet in
      let isAnswer = String(decoding: packet.bytes, as: UTF8.self).contains("HTTP/1.1 502 No")
      return isAnswer
        ? Packet(Array(packet.bytes.dropLast(15)), time: packet.time, originalLength: packet.originalLength)
        : packet
    }
    let close = try #require(analyze(packets).closed.first)
    #expect(close.sentence.hasPrefix("upgrade rejected with 502"), "\(close.sentence)")
    #expect(
      close.causePhrase == "upstream 10.0.0.3:9000 refused the connection (RST in answer to SYN, packet 6)")
  }

  @Test func aConnectionThatNobodyAnsweredIsNamed() throws {
    let words = try cause {
      $0.attempt(syns: 3, isRefused: false)
      $0.answer(504)
    }
    #expect(words == "upstream 10.0.0.3:9000 did not answer 3 SYNs (packets 5 to 7)")
  }

  @Test func aConnectionThatIsRefusedAtLastIsOne() throws {
    let words = try cause {
      $0.attempt(syns: 3, isRefused: true)
      $0.answer(503)
    }
    #expect(words == "upstream 10.0.0.3:9000 refused the connection (RST in answer to SYN, packet 8)")
  }

  @Test func allThatTheProxyTriedAreNamedInTheirOrder() throws {
    let words = try cause {
      $0.attempt("10.0.0.4", isRefused: true)
      $0.attempt("10.0.0.3", isRefused: true)
      $0.attempt("10.0.0.4", syns: 2, isRefused: false)
      $0.answer()
    }
    #expect(
      words
        == "upstream 10.0.0.4:9000 refused the connection (RST in answer to SYN, packet 6), "
        + "and did not answer 2 SYNs (packets 9 to 10); "
        + "upstream 10.0.0.3:9000 refused the connection (RST in answer to SYN, packet 8)")
  }

  @Test func whatFailedBeforeTheRequestIsSaidToHave() throws {
    var upgrade = FailedUpgrade()
    upgrade.attempt(isRefused: true)
    let health = upgrade.others.map {
      Packet($0.bytes, time: CaptureTime.testStart.advanced(milliseconds: -2000))
    }
    upgrade.others = health
    upgrade.answer(503)
    let close = try #require(analyze(upgrade.packets).closed.first)
    #expect(
      close.causePhrase
        == "upstream 10.0.0.3:9000 refused the connection (RST in answer to SYN, packet 2), 2.0 s before the request",
      "\(close.causePhrase ?? "")")
  }

  @Test func anotherAddressOfTheProxyIsAGuess() throws {
    let one = try cause {
      $0.attempt(from: "172.17.0.2", isRefused: true)
      $0.answer()
    }
    #expect(one?.hasPrefix("perhaps upstream 10.0.0.3:9000 refused the connection") == true)
    let two = try cause {
      $0.attempt("10.0.0.3", from: "172.17.0.2", isRefused: true)
      $0.attempt("10.0.0.4", from: "172.17.0.9", isRefused: true)
      $0.answer()
    }
    #expect(two == nil, "Two places that others asked for tell nothing")
  }

  @Test("Other answers have other causes", arguments: [400, 403, 426])
  func otherAnswers(status: Int) throws {
    let words = try cause {
      $0.attempt(isRefused: true)
      $0.answer(status)
    }
    #expect(words == nil)
  }

  @Test func aCopyOfASYNIsNotAnother() throws {
    var upgrade = FailedUpgrade()
    upgrade.attempt(isRefused: true)
    let copy = Packet(upgrade.others[0].bytes, time: upgrade.others[0].time)
    upgrade.others.insert(copy, at: 1)
    upgrade.answer()
    let close = try #require(analyze(upgrade.packets).closed.first)
    #expect(close.causePhrase?.contains("refused the connection") == true)
  }

  @Test func theMemoryIsBoundedByTheLastOnes() throws {
    let words = try cause {
      $0.attempt("10.0.0.9", isRefused: true)
      for _ in 0..<100 { $0.attempt(isRefused: true) }
      $0.answer()
    }
    #expect(words?.contains("10.0.0.9") == false)
    #expect(words?.hasSuffix("… 64 connections in all") == true)
  }
}
