import SessionTestSupport
import TestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import SessionAnalysis

@Suite struct HeartbeatTextTests {
  @Test(
    "Heartbeats of applications are recognised",
    arguments: [
      ("ping", .text, .question), ("PONG", .text, .answer), ("\"ping\"", .text, .question),
      ("PING :tmi.example", .text, .question), ("{\"type\":\"ping\"}", .text, .question),
      ("{\"op\":\"pong\",\"t\":1}", .text, .answer), ("2", .engineIO, .question), ("3", .engineIO, .answer),
      ("h", .sockJS, .oneWay), ("\n", .stomp, .oneWay),
      ("\r\n", .stomp, .oneWay), ("{\"type\":6}\u{1E}", .signalR, .oneWay),
      ("{\"topic\":\"phoenix\",\"event\":\"heartbeat\",\"payload\":{},\"ref\":\"12\"}", .phoenix, .question),
      ("[null,\"5\",\"phoenix\",\"heartbeat\",{}]", .phoenix, .question),
      (
        "[null,\"5\",\"phoenix\",\"phx_reply\",{\"response\":{},\"status\":\"ok\"}]", .phoenix, .answer
      ),
      ("{\"type\":\"ka\"}", .graphQL, .oneWay), ("Ping", .text, .question), ("pong\r\n", .text, .answer),
      ("ping 1732212000", .text, .question), ("heartbeat", .text, .oneWay), ("HEARTBEAT\n", .text, .oneWay),
      ("keep-alive", .text, .oneWay),
      // Spaces as Python's json writes them.
      ("{\"type\": \"ping\"}", .text, .question), ("{ \"type\" : \"pong\" }", .text, .answer),
      (
        "{\"type\": \"ping\", \"timestamp\": 1732212000.123456, \"id\": \"abcdef0123456789\"}", .text,
        .question
      ),
      ("{\"id\":19,\"type\":\"ping\"}", .text, .question), ("{\"ping\":1492420473027}", .text, .question),
      ("{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"id\":1}", .text, .question),
      ("{\"jsonrpc\":\"2.0\",\"result\":\"pong\",\"id\":1}", .text, .answer),
      ("{\"event\":\"pusher:ping\",\"data\":{}}", .text, .question),
      ("{\"event\":\"pusher:pong\",\"data\":\"{}\"}", .text, .answer),
      ("{\"event\":\"heartbeat\"}", .text, .oneWay), ("{\"type\":\"keepalive\"}", .text, .oneWay),
      // What servers make of the order of keys.
      ("{\"event\":\"heartbeat\",\"payload\":{},\"ref\":\"1\",\"topic\":\"phoenix\"}", .phoenix, .question),
      (
        "{\"event\":\"phx_reply\",\"payload\":{\"response\":{},\"status\":\"ok\"},\"ref\":\"1\",\"topic\":\"phoenix\"}",
        .phoenix, .answer
      ),
      (
        "{\"ref\":\"1\",\"event\":\"phx_reply\",\"payload\":{\"status\":\"ok\",\"response\":{}},\"topic\":\"phoenix\"}",
        .phoenix, .answer
      ),
      (
        "{\"payload\":{\"response\":{},\"status\":\"ok\"},\"topic\":\"phoenix\",\"ref\":\"1\",\"event\":\"phx_reply\"}",
        .phoenix, .answer
      ),
      (
        "{ \"join_ref\": null, \"ref\": \"1\", \"topic\": \"phoenix\",\n \"payload\": {}, \"event\": \"heartbeat\" }",
        .phoenix, .question
      ),
      (
        "{\"join_ref\":null,\"payload\":{\"status\":\"ok\"},\"topic\":\"phoenix\",\"event\":\"phx_reply\"}",
        .phoenix,
        .answer
      ),
      ("[null, \"5\", \"phoenix\", \"heartbeat\", {}]", .phoenix, .question),
      ("[ null, \"5\", \"phoenix\", \"phx_reply\", {\"status\": \"ok\"} ]", .phoenix, .answer),
      ("{\"type\": 6}\u{1E}", .signalR, .oneWay), ("{ \"type\" : 6 }\u{1E}", .signalR, .oneWay),
      ("{ \"type\" : \"ka\" }", .graphQL, .oneWay),
      ("{\"data\":{\"a\":[1,2]},\"type\":\"pong\"}", .text, .answer),
      ("{\n  \"type\": \"ping\",\n  \"at\": 1\n}", .text, .question),
      // The kind comes last, or second.
      ("{\"message\": 1764316800124, \"type\": \"ping\"}", .text, .question),
      ("{\"timestamp\":1764316800124,\"type\":\"ping\",\"v\":1}", .text, .question),
      ("{\"timestamp\": 1764316800.124, \"type\": \"pong\", \"v\": 1, \"w\": \"ab\"}", .text, .answer),
      ("{\"time\":1764316800124,\"type\":\"pong\",\"from\":\"nobody\"}", .text, .answer),
      ("{\"id\":\"0b8e8a2e-8a53-4c1e-9d7e-2f1f6d3f0a11\",\"type\":\"ping\"}", .text, .question),
      ("{\"id\":\"0b8e8a2e-8a53-4c1e-9d7e-2f1f6d3f0a11\",\"type\":\"pong\",\"v\":1}", .text, .answer),
      ("{\"jsonrpc\": \"2.0\", \"method\": \"ping\", \"id\": 1}", .text, .question),
      ("{\"jsonrpc\": \"2.0\", \"result\": \"pong\", \"id\": 1}", .text, .answer),
      ("{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}", .text, .question),
      ("{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"params\":[],\"id\":1}", .text, .question),
      ("{\"payload\":null,\"type\":\"ka\"}", .graphQL, .oneWay),
      ("{\"ts\":1764316800000,\"seq\":0,\"type\":\"heartbeat\"}", .text, .oneWay),
      ("{\"ts\":1764316800000,\"type\":\"keepalive\",\"region\":\"nowhere\"}", .text, .oneWay),
      (
        "{\"id\":3,\"ok\":true,\"server\":\"node-a.example\",\"time\":\"2025-11-28T08:00:00Z\",\"op\":\"pong\"}",
        .text,
        .answer
      ),
      // STOMP over SockJS, from the client and from the server.
      ("[\"\\n\"]", .stomp, .oneWay), ("a[\"\\n\"]", .stomp, .oneWay),
    ] as [(String, HeartbeatKind, HeartbeatText.Role)])
  func recognised(text: String, kind: HeartbeatKind, role: HeartbeatText.Role) {
    let found = HeartbeatText(Array(text.utf8).span)
    #expect(found?.kind == kind)
    #expect(found?.role == role)
  }

  @Test(
    "So are those in binary messages",
    arguments: [
      ([0x0A], .stomp, .oneWay), ([0x0D, 0x0A], .stomp, .oneWay), ([0x02, 0x91, 0x06], .signalR, .oneWay),
      ([0xC0, 0x00], .mqtt, .question), ([0xD0, 0x00], .mqtt, .answer),
    ] as [([UInt8], HeartbeatKind, HeartbeatText.Role)])
  func binary(bytes: [UInt8], kind: HeartbeatKind, role: HeartbeatText.Role) {
    let found = HeartbeatText(binary: bytes.span)
    #expect(found?.kind == kind)
    #expect(found?.role == role)
    let longer = bytes + [0]
    let other = HeartbeatText(binary: longer.span)
    #expect(other == nil)
  }

  @Test(
    "Other messages are not",
    arguments: [
      "", "pinged", "pi", "hello", "22", "2[\"ping\"]", "hh", "\n\n", "{\"type\":7}\u{1E}", "{\"type\":6}",
      "2probe", "3probe", "{\"a\":{\"type\":6}}\u{1E}", "{\"data\":{\"type\":\"ping\"}}",
      "{\"topic\":\"room\",\"event\":\"phx_reply\"}", "{\"event\":\"phx_reply\",\"x\":\"phoenix\"}",
      "{\"text\":\"a long story in which ping occurs :\\\"ping\\\"\"}",
      "[null,\"5\",\"room:1\",\"heartbeat\",{}]",
      "{\"topic\":\"phoenix\",\"event\":\"phx_join\"}", "[1,2]", "[n", "\"pong", "ping pong",
      "{\"text\":\"ping\"}", "{\"message\": \"pong\"}", "{\"type\":\"chat\",\"text\":\"ping\"}",
      "{\"type\":\"pingpong\"}", "{\"type\":\"ping", "{\"type\":", "{\"type\" \"ping\"}", "{\"\":\"ping\"}",
      "{\"id\":\"0b8e8a2e-8a53-4c1e-9d7e-2f1f6d3f0a11\",\"type\":\"trade\",\"v\":1}",
      "{\"timestamp\":1764316800124,\"type\":\"order\",\"of\":\"heartbeat\"}",
      "{\"jsonrpc\":\"2.0\",\"method\":\"publish\",\"params\":[\"ping\"],\"id\":1}",
      "{\"timestamp\":176431680012417643168001241764316800124176431680012417",
      "{\"id\":\"0b8e8a2e-8a53-4c1e-9d7e-2f1f6d3f0a1\",\"type\":\"ping\",\"v\":1}",
      "heartbeats", "Pinged", "ping me", "a[\"n\"]", "[\"\\r\"]",
      "{\"type\":\"message\",\"data\":{\"type\":\"ping\",\"of\":\"a game of table tennis\"}}",
    ])
  func others(text: String) {
    let found = HeartbeatText(Array(text.utf8).span)
    #expect(found == nil)
  }

  @Test func arbitraryBytesDoNotTrap() {
    var random = SeededRandom.fresh()
    let starts: [UInt8] = Array("{[23hpP\"\n\r".utf8)
    for _ in 0..<5000 {
      let start = starts[Int.random(in: 0..<starts.count, using: &random)]
      let bytes = [start] + random.bytes(Int.random(in: 0...20, using: &random))
      let found = HeartbeatText(bytes.span)
      #expect(found == nil || bytes.count <= HeartbeatText.longest)
    }
  }
}

@Suite struct HeartbeatsTests {
  private func heartbeats(path: String = "/", _ script: (inout SyntheticSession) -> Void) -> [Heartbeat] {
    var session = SyntheticSession(path: path)
    script(&session)
    return analyze(session.packets).closed.first?.heartbeats ?? []
  }

  @Test func pingsHaveIntervalsRoundTripsAndMisses() {
    let found = heartbeats {
      for round in 0..<10 {
        $0.frame(.server, .ping, [UInt8(round)])
        $0.wait(seconds: 0.004)
        if round < 8 { $0.frame(.client, .pong, [UInt8(round)]) }
        $0.wait(seconds: 24.995)
      }
    }
    #expect(found.count == 1)
    #expect(found.first?.kind == .ping)
    #expect(found.first?.side == .server)
    #expect(found.first?.count == 10)
    #expect(found.first?.answered == 8)
    #expect(found.first?.unanswered == 2)
    #expect(
      found.first.map { $0.intervals.average / 1_000_000_000 } == 24
        || found.first.map { $0.intervals.average / 1_000_000_000 } == 25)
    #expect(found.first?.roundTrips.quantile(perMille: 500) == 5_000_000)
    #expect(found.first?.roundTrips.count == 8)
  }

  @Test(
    "Questions and answers of applications are matched",
    arguments: [
      ("/socket.io/?EIO=4&transport=websocket", "2", "3", HeartbeatKind.engineIO),
      ("/", "ping", "pong", .text), ("/socket.io/", "2", "3", .engineIO),
      (
        "/live/websocket", "[null,\"5\",\"phoenix\",\"heartbeat\",{}]",
        "[null,\"5\",\"phoenix\",\"phx_reply\",{\"status\":\"ok\"}]", .phoenix
      ),
    ])
  func questions(path: String, question: String, answer: String, kind: HeartbeatKind) {
    let found = heartbeats(path: path) {
      for round in 0..<5 {
        $0.text(.client, question)
        $0.wait(seconds: 0.001)
        if round != 3 { $0.text(.server, answer) }
        $0.wait(seconds: 10)
      }
    }
    #expect(found.map(\.kind) == [kind])
    #expect(found.map(\.side) == [.client])
    #expect(found.first?.count == 5)
    #expect(found.first?.answered == 4)
    #expect(found.first?.roundTrips.maximum == 2_000_000)
  }

  @Test func whetherATextWantsAnAnswerIsKnownWhenOneCame() {
    // Action Cable pings, and nobody answers.
    let found = heartbeats {
      for _ in 0..<3 {
        $0.text(.server, "{\"type\":\"ping\",\"message\":1700000000}")
        $0.wait(seconds: 3)
      }
    }
    #expect(found.map(\.count) == [3])
    #expect(found.first?.answered == nil && found.first?.unanswered == nil)
  }

  @Test func binaryMessagesAreLookedAtToo() {
    let found = heartbeats {
      $0.frame(.client, .binary, [0xC0, 0])
      $0.frame(.server, .binary, [0xD0, 0])
    }
    #expect(found.map(\.kind) == [.mqtt] && found.first?.answered == 1)
  }

  @Test func beatsInOneDirectionAskForNoAnswer() {
    let found = heartbeats(path: "/echo/000/abc/websocket") {
      for _ in 0..<3 {
        $0.text(.server, "h")
        $0.text(.client, "{\"type\":6}\u{1E}")
        $0.text(.server, "{\"type\":6}\u{1E}")
        $0.wait(seconds: 15)
      }
    }
    #expect(found.map(\.kind) == [.sockJS, .signalR, .signalR])
    #expect(found.map(\.side) == [.server, .client, .server])
    #expect(found.allSatisfy { $0.count == 3 && $0.answered == nil && $0.intervals.count == 2 })
  }

  @Test func noneIsCalledUnansweredWhereAnAnswerMayBeInWhatCame() {
    // Of answers that are not known to be some, and where bytes are missing.
    let question = "[null,\"5\",\"phoenix\",\"heartbeat\",{}]"
    let unknown = heartbeats {
      for _ in 0..<3 {
        $0.text(.client, question)
        $0.text(.server, "[null,\"5\",\"other\",\"reply\",{}]")
        $0.wait(seconds: 30)
      }
    }
    #expect(unknown.first?.answered == 0 && unknown.first?.unanswered == nil)
    let missing = heartbeats {
      $0.frame(.client, .ping, [1])
      $0.lose(3, .server)
      $0.text(.server, "b")
    }
    #expect(missing.first?.answered == 0 && missing.first?.unanswered == nil)
    let silent = heartbeats {
      for _ in 0..<3 {
        $0.text(.client, question)
        $0.wait(seconds: 30)
      }
    }
    #expect(silent.first?.unanswered == 3)
  }

  @Test(
    "Nor where some answers are known, and others may be",
    arguments: [
      (
        "{\"topic\":\"phoenix\",\"event\":\"heartbeat\",\"payload\":{},\"ref\":\"1\"}",
        "{\"topic\":\"phoenix\",\"ref\":\"1\",\"payload\":{\"status\":\"ok\",\"response\":{}},\"event\":\"phx_reply\"}",
        "{\"topic\":\"phoenix\",\"ref\":\"2\",\"payload\":{\"status\":\"ok\",\"response\":{\"server_time\":\"2025-11-28T08:00:00Z\",\"node\":\"app@10.0.0.1-eu-west-1a\",\"of\":1}},\"event\":\"phx_reply\"}"
      ),
      (
        "{\"op\":\"ping\"}", "{\"op\":\"pong\"}",
        "{\"ok\":true,\"answer\":\"of course\",\"number\":17,\"and\":\"so on\"}"
      ),
    ])
  func mixedAnswers(question: String, answer: String, other: String) {
    var session = SyntheticSession()
    for round in 0..<6 {
      session.text(.client, question)
      session.text(.server, round % 2 == 0 ? answer : other)
      session.wait(seconds: 30)
    }
    session.end(.client)
    let closed = analyze(session.packets).closed.first
    #expect(closed?.heartbeats.first?.answered == 3 && closed?.heartbeats.first?.unanswered == nil)
    #expect(closed?.verdict.cause == nil, "\(closed?.verdict.sentence ?? "")")
  }

  @Test func aPongWithAnotherPayloadIsAnAnswerAllTheSame() {
    let found = heartbeats {
      for round in 0..<3 {
        $0.frame(.server, .ping, [UInt8(round)])
        if round > 0 { $0.frame(.client, .pong, [9]) }
        $0.wait(seconds: 10)
      }
      $0.text(.client, "a")
    }
    #expect(found.first?.answered == 0 && found.first?.mistaken == 2 && found.first?.unanswered == 1)
  }

  @Test func pongsWithoutPingsAreAHeartbeatUnlessThePeerPings() {
    let alone = heartbeats {
      for _ in 0..<3 {
        $0.frame(.client, .pong)
        $0.wait(seconds: 10)
      }
    }
    #expect(alone.map(\.kind) == [.pong] && alone.first?.count == 3 && alone.first?.unanswered == nil)
    let doubled = heartbeats {
      for _ in 0..<3 {
        $0.frame(.server, .ping, [1])
        for _ in 0..<2 { $0.frame(.client, .pong, [1]) }
        $0.wait(seconds: 10)
      }
    }
    #expect(doubled.map(\.kind) == [.ping])
  }

  @Test func ofSockJSOnlyTheServerBeats() {
    let found = heartbeats(path: "/echo/000/abc/websocket") {
      for _ in 0..<3 {
        $0.text(.client, "h")
        $0.wait(seconds: 15)
      }
    }
    #expect(found.isEmpty)
  }

  @Test func singleCharactersAreHeartbeatsOnlyWhereTheProtocolIsKnown() {
    let found = heartbeats(path: "/dice") {
      $0.text(.client, "2")
      $0.text(.server, "3")
      $0.text(.server, "h")
    }
    #expect(found.isEmpty)
  }

  @Test func theLastSignOfLifeOfEachSideIsKnown() {
    var session = SyntheticSession()
    session.text(.client, "a")
    session.text(.server, "b")
    session.wait(seconds: 5)
    session.text(.client, "c")
    session.tcp.acknowledge(from: .server)
    let closed = analyze(session.packets).closed.first
    #expect(closed?.clientLast?.packet == 8)
    #expect(closed?.serverLast?.packet == 7)
  }
}
