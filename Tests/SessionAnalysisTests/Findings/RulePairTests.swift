import HTTP1
import SessionTestSupport
import TestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import SessionAnalysis
@testable import Sessions

/// Packets that break a rule and packets that just do not, for rules that take more than one stream of bytes: several
/// sessions, lost bytes, retransmissions, a missing half of a handshake.
struct RulePair: Sendable, CustomTestStringConvertible {
  let rule: Rule
  let broken: [Packet]
  let kept: [Packet]
  /// All that is reported of the broken one.
  let finds: [String]
  var testDescription: String { rule.name }

  init(_ rule: Rule, broken: [Packet], kept: [Packet], finds: [String]) {
    (self.rule, self.broken, self.kept, self.finds) = (rule, broken, kept, finds)
  }

  static let all = ofHandshakes + ofLoss + ofSessions + [retransmission, lateStart, draft]

  private static func session(_ script: (inout SyntheticSession) -> Void) -> [Packet] {
    var session = SyntheticSession()
    script(&session)
    return session.packets
  }

  /// The packets of a session that says something, without some of them. The first five are the SYNs, the request and the
  /// answer.
  private static func without(_ numbers: ClosedRange<Int>) -> [Packet] {
    let all = session {
      for text in ["one message", "another", "a third one"] {
        $0.text(.client, text)
        $0.text(.server, text)
      }
      $0.end(.client)
    }
    return all.enumerated().filter { !numbers.contains($0.offset + 1) }.map(\.element)
  }

  static let ofHandshakes = [
    RulePair(
      HandshakeRule.unanswered, broken: Array(without(5...99)), kept: without(99...99),
      finds: [
        "#1 note handshake_unanswered, server, packet 4, offset 139: no response to this request was captured"
      ]),
    RulePair(
      HandshakeRule.requestNotCaptured, broken: without(1...4), kept: without(1...3),
      finds: [
        "#1 note request_not_captured, server, packet 1, offset 0: the request that this 101 answers was not captured"
      ]),
    RulePair(
      HandshakeRule.dataBeforeResponse, broken: early(isBefore: true), kept: early(isBefore: false),
      finds: [
        "#1 warning data_before_response, client, packet 5, offset 140: 11 bytes of the client precede the server's answer in the capture"
      ]),
  ]

  /// A frame of the client just before the answer, and just behind it.
  private static func early(isBefore: Bool) -> [Packet] {
    let whole = session { $0.text(.client, "early") }
    var packets = whole
    if isBefore {
      (packets[4].time, packets[5].time) = (packets[5].time, packets[4].time)
    }
    return packets
  }

  static let ofLoss = [
    RulePair(
      FramingRule.lostFrameSync.rule,
      broken: session {
        $0.text(.client, "a")
        $0.lose(3, .server)
        $0.text(.server, "b")
        $0.text(.client, "c")
      },
      // The hole is in a payload: the header said how long it is.
      kept: session {
        $0.send(.server, [0x81, 5, 0x61])
        $0.lose(3, .server)
        $0.send(.server, [0x61])
        $0.text(.client, "c")
        $0.text(.server, "b")
      },
      finds: [
        "#1 warning lost_frame_sync, server, packet 8, offset 129: 3 bytes were not captured where a frame header was due",
        "#1 note resynchronised, server, packet 7, offset 132: 0 bytes passed over, then 1 frame header (other bytes look like this once in 2^10 times)",
      ]),
    RulePair(
      FramingRule.resynchronised.rule,
      broken: session {
        $0.lose(30, .server)
        for number in 0..<40 { $0.text(.server, "{\"number\":\(number),\"name\":\"a message\"}") }
        $0.end(.server)
      },
      kept: session {
        for number in 0..<40 { $0.text(.server, "{\"number\":\(number),\"name\":\"a message\"}") }
        $0.end(.server)
      },
      finds: [
        "#1 warning lost_frame_sync, server, packet 47, offset 129: 30 bytes were not captured where a frame header was due",
        "#1 note resynchronised, server, packet 6, offset 159: 0 bytes passed over, then 2 frame headers in a row (other bytes look like this once in 2^25 times)",
      ]),
    RulePair(
      FramingRule.contextLost.rule, broken: compressed([0xF2, 0x00, 0x11, 0x00, 0x00]),
      // "Hello" without a reference to what came before (RFC 7692 §7.2.3.1).
      kept: compressed([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]),
      finds: [
        "#1 warning compression_context_lost, server, packet 7, offset 184: it refers to earlier messages that are not known"
      ]),
  ]

  /// A compressed message of the server behind one that is lost.
  private static func compressed(_ payload: [UInt8]) -> [Packet] {
    var session = SyntheticSession(
      request: ["Sec-WebSocket-Extensions: permessage-deflate"],
      response: ["Sec-WebSocket-Extensions: permessage-deflate"])
    session.send(.server, [0xC1, 7, 0xF2, 0x48])
    session.lose(5, .server)
    session.send(.server, [0xC1, UInt8(payload.count)] + payload)
    session.end(.client)
    return session.packets
  }

  static let ofSessions = [
    RulePair(
      SessionRule.foreignOrigin, broken: asking("Origin: http://other"), kept: asking("Origin: http://h"),
      finds: [
        "#1 note foreign_origin, client, packet 4, offset 0: the Origin is \"http://other\", the Host \"h\""
      ]),
    RulePair(
      SessionRule.credentialsInClear, broken: asking("Cookie: session=0123456789"),
      kept: asking("Accept: */*"),
      finds: [
        "#1 note credentials_in_clear, client, packet 4, offset 0: readable by anyone on the path: Cookie"
      ]),
    RulePair(
      SessionRule.repeatedKey, broken: keys(port: 40_001, isSame: true),
      kept: keys(port: 40_001, isSame: false),
      finds: [
        "#2 violation repeated_key, client, packet 11, offset 0: Sec-WebSocket-Key is that of session 1, too"
      ]),
    // Another try on the same connection.
    RulePair(
      SessionRule.repeatedKey, broken: keys(port: 40_002, isSame: true), kept: retry,
      finds: [
        "#2 violation repeated_key, client, packet 11, offset 0: Sec-WebSocket-Key is that of session 1, too"
      ]),
    RulePair(
      SessionRule.pickedUp, broken: without(1...5), kept: without(99...99),
      finds: [
        "#1 note picked_up, nobody, packet 1, offset 0: 1 frame header from the client, 1 frame header from the server (other bytes look like this once in 2^33 times)"
      ]),
    RulePair(
      SessionRule.reconnectStorm, broken: reconnects(6), kept: reconnects(5),
      finds: [
        "#2 violation repeated_key, client, packet 11, offset 0: Sec-WebSocket-Key is that of session 1, too",
        "#3 violation repeated_key, client, packet 18, offset 0: Sec-WebSocket-Key is that of session 2, too",
        "#4 violation repeated_key, client, packet 25, offset 0: Sec-WebSocket-Key is that of session 3, too",
        "#5 violation repeated_key, client, packet 32, offset 0: Sec-WebSocket-Key is that of session 4, too",
        "#6 violation repeated_key, client, packet 39, offset 0: Sec-WebSocket-Key is that of session 5, too",
        "#6 warning reconnect_storm, client, packet 39, offset 0: 5 reconnects within 9.5 s",
      ]),
    RulePair(
      SessionRule.addressTranslated, broken: translated(port: 40_000), kept: translated(port: 40_001),
      finds: [
        "#1 note address_translated, nobody, packet 10, offset 128: the same TCP connection was also captured as 10.0.0.1:40000 → 10.0.0.3:8080: same client port and initial sequence numbers, shown once"
      ]),
    RulePair(
      SessionRule.notForwarded, broken: translated(isResetOnBothSides: false),
      kept: translated(isResetOnBothSides: true),
      finds: [
        "#1 note address_translated, nobody, packet 10, offset 128: the same TCP connection was also captured as 10.0.0.1:40000 → 10.0.0.2:80: same initial sequence numbers, shown once",
        "#1 warning not_forwarded, client, packet 11, offset 151: the RST in packet 11 for 10.0.0.2:80 did not go on to 10.0.1.2:9000",
      ]),
    RulePair(
      SessionRule.legsDiffer, broken: legs("Hello"), kept: legs("hello"),
      finds: [
        "#1 warning legs_differ, nobody, packet 16, offset 151: 1 message differs: from the client, packet 10 of #1, packet 12 of #2"
      ]),
    RulePair(
      SessionRule.proxyDroppedUpgrade, broken: refused("Connection: close"),
      kept: refused("Connection: Upgrade"),
      finds: [
        "#1 violation request_without_connection_upgrade, client, packet 8, offset 0: Connection is \"close\", expected Upgrade",
        "#1 note handshake_rejected, server, packet 9, offset 0: the answer is 400 \"No\" instead of 101",
        "#2 note handshake_rejected, server, packet 10, offset 0: the answer is 400 \"No\" instead of 101",
        "#1 warning proxy_dropped_upgrade, client, packet 8, offset 0: #2 asks the proxy for an upgrade; the proxy passes on Connection \"close\" (was \"Upgrade\")",
      ]),
  ]

  /// A connection to a server, and at the same time what may be the same one on its way to another address.
  private static func translated(port: UInt16) -> [Packet] {
    var first = SyntheticSession()
    first.end(.client)
    var second = SyntheticSession(clientPort: port, server: TestEndpoint("10.0.0.3", 8080))
    second.end(.client)
    return first.packets + second.packets
  }

  /// A connection that the client resets, before and after address translation.
  private static func translated(isResetOnBothSides: Bool) -> [Packet] {
    var session = TranslatedSession()
    if isResetOnBothSides {
      session.both(.client) { $0.rst(from: .client) }
    } else {
      session.onlyNear { $0.rst(from: .client) }
    }
    return session.packets
  }

  private static func asking(_ field: String) -> [Packet] {
    var session = SyntheticSession(request: [field])
    session.end(.client)
    return session.packets
  }

  /// Two sessions of a client, the second one with the key of the first or another one.
  private static func keys(port: UInt16, isSame: Bool) -> [Packet] {
    var first = SyntheticSession()
    first.end(.client)
    let start = CaptureTime.testStart.advanced(milliseconds: 1000)
    var second =
      isSame
      ? SyntheticSession(clientPort: port, start: start)
      : SyntheticSession(
        clientPort: port, start: start, accept: "HSmrc0sMlYUkAGmm5OPpG2HaGWk=",
        key: "x3JJHMbDL1EzLkh9GBhXDw==")
    second.end(.client)
    return first.packets + second.packets
  }

  /// An upgrade that is refused, and granted when it is asked for again.
  private static let retry: [Packet] = {
    var tcp = TCPConversation()
    tcp.handshake()
    for isLast in [false, true] {
      tcp.send(
        from: .client,
        ("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(SyntheticSession.key)\r\n\r\n").utf8)
      tcp.send(
        from: .server,
        (isLast
          ? "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
          : "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n").utf8)
    }
    tcp.close()
    return tcp.packets
  }()

  private static func reconnects(_ count: Int) -> [Packet] {
    (0..<count).flatMap { number in
      var session = SyntheticSession(
        clientPort: UInt16(40_000 + number), start: .testStart.advanced(milliseconds: number * 1900))
      session.end(.server)
      return session.packets
    }
  }

  /// A proxy that was given "hello" and passes `text` on.
  private static func legs(_ text: String) -> [Packet] {
    var front = SyntheticSession()
    var back = SyntheticSession(
      client: "10.0.0.2", clientPort: 50_000, server: TestEndpoint("10.0.0.3", 9000),
      start: .testStart.advanced(milliseconds: 1))
    front.text(.client, "hello")
    back.wait(seconds: 0.01)
    back.text(.client, text)
    for _ in 0..<2 { front.wait(seconds: 0.1) }
    front.end(.client)
    back.end(.client)
    return front.packets + back.packets
  }

  /// A request that a proxy passes on with another Connection field, and the server refuses.
  private static func refused(_ connection: String) -> [Packet] {
    func request(_ connection: String) -> [UInt8] {
      Array(
        ("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\(connection)\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: \(SyntheticSession.key)\r\n\r\n").utf8)
    }
    let answer = Array("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n".utf8)
    var front = TCPConversation()
    front.handshake()
    front.send(from: .client, request("Connection: Upgrade"))
    var back = TCPConversation(
      client: TestEndpoint("10.0.0.2", 50_000), server: TestEndpoint("10.0.0.3", 9000), start: front.now)
    back.handshake()
    back.send(from: .client, request(connection))
    back.send(from: .server, answer)
    front.now = back.now
    front.send(from: .server, answer)
    return front.packets + back.packets
  }

  private static let retransmission = RulePair(
    TCPRule.retransmissionConflict, broken: copies("same", "lame"), kept: copies("same", "same"),
    finds: ["#1 warning retransmission_conflict, server, packet 7, offset 137: the first copy is used"])

  /// The first two segments that a capture has of one side, in the wrong order and in the right one.
  private static let lateStart = RulePair(
    TCPRule.beforeStart, broken: inTheMiddle(isSwapped: true), kept: inTheMiddle(isSwapped: false),
    finds: [
      "#1 note picked_up, nobody, packet 1, offset 0: 1 frame header from the client (other bytes look like this once in 2^48 times)",
      "#1 note before_start, client, packet 2, offset 0: 45 bytes that precede the first one captured of this side came after it and are not read",
    ])

  /// A handshake of hybi-06 with a frame of today, and with one of that draft: a text, which is opcode 4 there.
  private static let draft = RulePair(
    SessionRule.framesOfRFC6455, broken: draft(0x81), kept: draft(0x84),
    finds: [
      "#1 warning draft_version, client, packet 4, offset 0: Sec-WebSocket-Version is 6: draft hybi-06; expected 13",
      "#1 note frames_of_rfc6455, server, packet 6, offset 129: the handshake names a draft, and the server sends frames of RFC 6455",
    ])

  private static func draft(_ first: UInt8) -> [Packet] {
    var packets = session {
      $0.send(.server, [first, 5] + Array("hello".utf8))
      $0.end(.client)
    }
    let (version, draft) = (Array("Version: 13".utf8), Array("Version:  6".utf8))
    let request = packets[3].bytes
    let place = (0...request.count - version.count).first {
      Array(request[$0..<$0 + version.count]) == version
    }
    if let place { packets[3].bytes.replaceSubrange(place..<place + version.count, with: draft) }
    return packets
  }

  private static func inTheMiddle(isSwapped: Bool) -> [Packet] {
    var packets = session {
      for number in 0..<4 { $0.text(.client, "a message that is long enough, number \(number)") }
    }
    packets.removeFirst(5)
    if isSwapped { (packets[0].time, packets[1].time) = (packets[1].time, packets[0].time) }
    return packets
  }

  /// A segment that waits behind another one, twice.
  private static func copies(_ first: String, _ second: String) -> [Packet] {
    var session = SyntheticSession()
    session.text(.server, "before")
    var again = session
    session.text(.server, first)
    again.text(.server, second)
    var packets = session.packets
    let one = packets.removeLast()
    var late = packets.removeLast()
    var other = again.packets[again.packets.count - 1]
    let now = session.tcp.now
    other.time = now
    late.time = now.advanced(milliseconds: 1)
    return packets + [one, other, late]
  }
}

@Suite struct RulePairTests {
  @Test("A broken rule is found, with its session, side, packet, offset and detail", arguments: RulePair.all)
  func broken(_ pair: RulePair) {
    let heard = analyze(pair.broken)
    #expect(heard.findings == pair.finds)
    #expect(heard.rules.contains(pair.rule.name))
  }

  @Test("What only comes close is not reported for it", arguments: RulePair.all)
  func kept(_ pair: RulePair) {
    #expect(!analyze(pair.kept).rules.contains(pair.rule.name))
  }

  /// The other rules are in the tables of HandshakeRuleTests, HTTPRuleTests and FramingRulesTests, which say the same of
  /// theirs.
  @Test func noRuleLacksItsPair() {
    let paired = RulePair.all.map(\.rule) + SessionRuleCase.all.map(\.rule)
    let expected =
      SessionRule.all + TCPRule.all + [
        HandshakeRule.unanswered, HandshakeRule.requestNotCaptured, HandshakeRule.dataBeforeResponse,
        FramingRule.contextLost.rule, FramingRule.lostFrameSync.rule, FramingRule.resynchronised.rule,
      ]
    #expect(Set(paired) == Set(expected))
  }
}
