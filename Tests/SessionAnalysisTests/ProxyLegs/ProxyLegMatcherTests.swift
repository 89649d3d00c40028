import PacketLayers
import SessionTestSupport
import TestSupport
import Testing
import WireBytes

@testable import SessionAnalysis

/// Sessions through a proxy at 10.0.0.2 to a server at 10.0.0.3, packet by packet.
private struct ProxiedSession {
  var front: SyntheticSession
  var back: SyntheticSession

  static let otherKey = "x3JJHMbDL1EzLkh9GBhXDw=="
  static let otherAccept = "HSmrc0sMlYUkAGmm5OPpG2HaGWk="

  /// The proxy asks the server `delay` milliseconds after it was asked.
  init(
    number: Int = 0, at start: Int = 0, delay: Int = 5, proxy: String = "10.0.0.2", headers: [String] = [],
    keepsKey: Bool = false
  ) {
    front = SyntheticSession(
      clientPort: UInt16(40_000 + number), server: TestEndpoint("10.0.0.2", 80),
      start: .testStart.advanced(milliseconds: start))
    back = SyntheticSession(
      client: proxy, clientPort: UInt16(50_000 + number), server: TestEndpoint("10.0.0.3", 9000),
      start: .testStart.advanced(milliseconds: start + delay), request: headers,
      accept: keepsKey ? "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" : Self.otherAccept,
      key: keepsKey ? SyntheticSession.key : Self.otherKey)
  }

  /// A message that the proxy passes on after `delay` milliseconds.
  mutating func text(_ side: Side, _ text: String, delay: Int = 3, changed: String? = nil) {
    let (first, second) = side == .client ? (text, changed ?? text) : (changed ?? text, text)
    let now = max(front.tcp.now.nanoseconds, back.tcp.now.nanoseconds)
    let later = now + Int64(delay) * 1_000_000
    front.tcp.now = CaptureTime(nanoseconds: side == .client ? now : later)
    back.tcp.now = CaptureTime(nanoseconds: side == .client ? later : now)
    front.text(side, first)
    back.text(side, second)
  }

  mutating func end() {
    back.tcp.now = max(front.tcp.now, back.tcp.now).advanced(milliseconds: 100)
    front.tcp.now = back.tcp.now.advanced(milliseconds: 50)
    back.end(.client)
    front.end(.client)
  }

  var packets: [Packet] { front.packets + back.packets }
}

extension Heard {
  /// What is known of the legs of a session that ended last of its pair.
  fileprivate var finalLegs: [LegComparison] { closed.flatMap(\.legs).filter(\.isFinal) }

  /// Pairs of a `ProxiedSession` that were found to be one: the ports of their clients say which belong together.
  fileprivate var rightLegs: Int {
    let ports = Dictionary(uniqueKeysWithValues: opened.map { ($0.session.number, $0.client.port) })
    return closed.filter { close in
      close.legs.contains { leg in
        let (front, back) = leg.sessions(for: close.session.number)
        return leg.isFinal && ports[front].map { $0 + 10_000 } == ports[back]
      }
    }.count
  }
}

@Suite struct ProxyLegMatcherTests {
  private func session(
    _ number: Int = 0, at start: Int = 0, texts: [String], proxy: String = "10.0.0.2", headers: [String] = []
  ) -> [Packet] {
    var session = ProxiedSession(number: number, at: start, proxy: proxy, headers: headers)
    for text in texts {
      session.text(.client, text)
      session.text(.server, "answer to \(text)", delay: 4)
    }
    session.end()
    return session.packets
  }

  @Test func theLegsOfAProxyThatMakesANewKeyAreFoundByTheirMessages() throws {
    let heard = analyze(session(texts: ["one message", "another", "a third one"]))
    let leg = try #require(heard.finalLegs.first)
    #expect(heard.opened.allSatisfy { $0.leg == nil })
    #expect(leg.of == 2 && leg.isFront)
    #expect(leg.basis == .content(equal: 3, of: 3, alternatives: 0))
    #expect((leg.matched, leg.differenceCount, leg.notCompared) == (6, 0, 0))
    // The client's messages take 3 ms through the proxy, the server's 4.
    #expect([leg.toServer.minimum, leg.toServer.maximum] == [3_000_000, 3_000_000])
    #expect(leg.toServer.quantile(perMille: 500) == 3_000_000)
    #expect([leg.toClient.minimum, leg.toClient.maximum] == [4_000_000, 4_000_000])
    #expect(!heard.rules.contains("legs_differ"))
  }

  @Test func theLegThatEndsFirstNamesTheOtherOneOnly() throws {
    let heard = analyze(session(texts: ["one message", "another", "a third one"]))
    let first = try #require(heard.closed.first?.legs.first)
    #expect(!first.isFinal && !first.isFront && first.of == 1)
  }

  @Test("What speaks for two legs beside their messages", arguments: ["proxy's address", "field", "neither"])
  func plausible(_ what: String) {
    // Sessions of both servers before, so that the next ones are no longer looked at whatever their addresses.
    var packets: [Packet] = []
    for number in 0..<70 {
      var other = SyntheticSession(
        client: "10.0.1.\(number + 1)",
        server: number % 2 == 0 ? TestEndpoint("10.0.0.2", 80) : TestEndpoint("10.0.0.3", 9000),
        start: .testStart.advanced(milliseconds: number * 100))
      other.end(.client)
      packets += other.packets
    }
    // The first session through a proxy is its sign, the second one is found.
    let proxy = what == "proxy's address" ? "10.0.0.2" : "10.0.0.200"
    let headers = what == "field" ? ["X-Forwarded-For: 192.0.2.1, 10.0.0.1"] : []
    for number in 1...2 {
      packets += session(
        number, at: 8000 + number * 1000, texts: ["one message", "another", "a third one"], proxy: proxy,
        headers: headers)
    }
    #expect(analyze(packets).finalLegs.map(\.of) == (what == "neither" ? [] : [74]))
  }

  @Test func largeMessagesOfTheFirstSessionsAreComparedWhenTheFirstOnesAgree() throws {
    let texts = (0..<14).map { String(repeating: "\($0) ", count: 20_000) }
    let leg = try #require(analyze(session(texts: texts, proxy: "10.0.0.200")).finalLegs.first)
    #expect((leg.matched, leg.differenceCount, leg.notCompared) == (28, 0, 0))
  }

  @Test func aNewServerIsLookedAtWhateverCameBefore() {
    var packets: [Packet] = []
    for number in 0..<80 {
      var other = SyntheticSession(
        client: "10.0.1.\(number + 1)", server: TestEndpoint("10.0.0.3", 9000),
        start: .testStart.advanced(milliseconds: number))
      other.end(.client)
      packets += other.packets
    }
    // Another address on the side of the server, and no field.
    packets += session(at: 1000, texts: ["one message", "another", "a third one"], proxy: "10.0.0.200")
    #expect(analyze(packets).finalLegs.map(\.of) == [82])
  }

  @Test func ofManySessionsThatBeginAtOnceEachFindsItsOwnLeg() {
    var packets: [Packet] = []
    for number in 0..<100 {
      var session = ProxiedSession(number: number, at: number * 2, delay: 20)
      session.front.wait(seconds: 0.5)
      for text in 1...3 { session.text(.client, "session \(number), message \(text)") }
      session.end()
      packets += session.packets
    }
    let heard = analyze(packets)
    #expect(heard.finalLegs.count == 100)
    #expect(heard.rightLegs == 100)
    #expect(heard.finalLegs.allSatisfy { $0.basis == .content(equal: 3, of: 3, alternatives: 0) })
  }

  @Test func sessionsThatAllSayTheSameAreTakenInTheirOrder() {
    var packets: [Packet] = []
    for number in 0..<20 {
      var session = ProxiedSession(number: number, at: number * 2, delay: 20)
      session.front.wait(seconds: 0.5)
      for text in 1...3 { session.text(.server, "tick \(text) for everybody") }
      // What only some say makes them differ, and which leg is whose is not certain.
      if number % 2 == 0 { session.front.text(.client, "kept by the proxy") }
      session.end()
      packets += session.packets
    }
    let heard = analyze(packets)
    #expect(heard.rightLegs == 20)
    #expect(heard.finalLegs.count { $0.isAmbiguous } == 19)
    #expect(heard.rules.filter { $0 == "legs_differ" }.count <= 1)
  }

  @Test(arguments: [Side.client, .server])
  func aMessageThatTheProxyDropsIsNamed(_ side: Side) throws {
    var session = ProxiedSession()
    for text in ["one message", "another"] { session.text(.client, text) }
    for text in ["an answer", "one more"] { session.text(.server, text) }
    if side == .client {
      session.front.text(.client, "dropped")
    } else {
      session.back.text(.server, "dropped")
    }
    let packet = side == .client ? session.front.packet : session.back.packet
    session.text(side, "passed on")
    session.end()
    let heard = analyze(session.packets)
    let leg = try #require(heard.finalLegs.first)
    let difference = try #require(leg.differences.first)
    #expect(leg.differenceCount == 1 && difference.side == side)
    let only = try #require(side == .client ? difference.front : difference.back)
    #expect(only.number == 3 && only.bytes == 7 && packet > 0)
    #expect((side == .client ? difference.back : difference.front) == nil)
    let anomaly = try #require(heard.anomalies.first { $0.anomaly.rule == SessionRule.legsDiffer }).anomaly
    #expect(
      anomaly.detail
        == "1 message differs: from the \(side.name), packet \(only.packet) of #\(side == .client ? 1 : 2)"
    )
  }

  @Test func aMessageThatTheProxyChangesIsNamedOnBothLegs() throws {
    var session = ProxiedSession(keepsKey: true)
    session.text(.client, "my name is Ada", changed: "my name is ***")
    session.text(.server, "hello")
    session.end()
    let heard = analyze(session.packets)
    let leg = try #require(heard.finalLegs.first)
    #expect(leg.basis == .key)
    #expect((leg.matched, leg.differenceCount) == (1, 1))
    let difference = try #require(leg.differences.first)
    #expect(difference.front?.number == 1 && difference.back?.number == 1)
    #expect(heard.rules.filter { $0 == "legs_differ" }.count == 1)
  }

  @Test func ofManySessionsEachFindsItsOwnLeg() {
    var packets: [Packet] = []
    for number in 0..<30 {
      packets += session(number, at: number * 2, texts: (1...3).map { "session \(number), message \($0)" })
    }
    let heard = analyze(packets)
    let legs = heard.finalLegs
    #expect(legs.count == 30)
    #expect(
      legs.allSatisfy { $0.basis == .content(equal: 3, of: 3, alternatives: 0) && $0.differenceCount == 0 })
    #expect(legs.allSatisfy { $0.matched == 6 })
  }

  @Test func whereOthersSayTheSameTheNearestIsTakenAndTheOthersCounted() {
    let texts = ["one message", "another", "a third one"]
    let heard = analyze(session(0, texts: texts) + session(1, at: 2, texts: texts))
    #expect(heard.finalLegs.count == 2)
    #expect(
      heard.finalLegs.contains {
        if case .content(_, _, let alternatives) = $0.basis { alternatives > 0 } else { false }
      })
  }

  @Test(
    "What is no leg: other messages, the wrong order in time, one after the other, the same server",
    arguments: ["content", "order", "time", "server", "short"])
  func noLeg(_ what: String) {
    var session = ProxiedSession(at: 0)
    if what == "server" {
      session.back = SyntheticSession(
        clientPort: 50_000, start: .testStart.advanced(milliseconds: 5), key: "x3JJHMbDL1EzLkh9GBhXDw==")
    }
    if what == "time" {
      session.back = ProxiedSession(at: 3000).back
    }
    for number in 1...3 {
      let text = what == "short" ? "ping" : "message \(number)"
      switch what {
      case "content": session.text(.client, text, changed: "an other \(number)")
      case "order": session.text(number == 2 ? .client : .server, text, delay: -2)
      case "time":
        session.front.text(.client, text)
        session.back.text(.client, text)
      default: session.text(.client, text)
      }
    }
    session.front.end(.client)
    session.back.end(.client)
    #expect(analyze(session.packets).closed.allSatisfy { $0.legs.isEmpty })
  }

  @Test func bytesThatWereNotCapturedAreNotTheProxysFault() throws {
    var session = ProxiedSession(keepsKey: true)
    session.text(.client, "one message")
    session.front.text(.client, "lost in the capture of the other leg")
    session.back.lose(20, .client)
    session.text(.client, "another")
    session.end()
    let heard = analyze(session.packets)
    #expect(try #require(heard.finalLegs.first).lostBytes > 0)
    #expect(!heard.rules.contains("legs_differ"))
  }

  @Test func whatIsOnItsWayWhenTheCaptureEndsIsNoDifference() throws {
    var session = ProxiedSession(keepsKey: true)
    session.text(.client, "one message")
    session.front.text(.client, "not passed on yet")
    let leg = try #require(analyze(session.packets).finalLegs.first)
    #expect((leg.matched, leg.notCompared, leg.differenceCount) == (1, 1, 0))
  }

  @Test func aMessageWithAHoleIsNotCompared() throws {
    var session = ProxiedSession(keepsKey: true)
    session.text(.client, "one message")
    session.front.text(.client, "twelve bytes")
    let whole = SyntheticSession.frame(.client, .text, Array("twelve bytes".utf8))
    session.back.send(.client, Array(whole.prefix(10)))
    session.back.lose(4, .client)
    session.back.send(.client, Array(whole.dropFirst(14)))
    session.text(.client, "another")
    session.end()
    let leg = try #require(analyze(session.packets).finalLegs.first)
    #expect((leg.matched, leg.notCompared, leg.differenceCount) == (2, 1, 0))
  }

  @Test func aProxyBehindAProxyIsALegOfBoth() {
    var session = ProxiedSession(keepsKey: true)
    var third = SyntheticSession(
      client: "10.0.0.3", clientPort: 60_000, server: TestEndpoint("10.0.0.4", 9000),
      start: .testStart.advanced(milliseconds: 10))
    session.text(.client, "one message", delay: 10)
    third.tcp.now = session.back.tcp.now.advanced(milliseconds: 20)
    third.text(.client, "one message")
    session.end()
    third.tcp.now = session.front.tcp.now
    third.end(.client)
    let heard = analyze(session.packets + third.packets)
    #expect(heard.closed.first { $0.session.number == 2 }?.legs.count == 2)
    #expect(heard.finalLegs.map(\.matched) == [1, 1])
  }

  @Test func withoutPayloadsNothingIsCompared() {
    let packets = session(texts: ["one message", "another", "a third one"])
    #expect(analyze(packets, needs: .totals).closed.allSatisfy { $0.legs.isEmpty })
  }
}
