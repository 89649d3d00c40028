import SessionTestSupport
import TestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import SessionAnalysis

extension SyntheticSession {
  /// The next packet is captured so many nanoseconds after the last one.
  fileprivate mutating func pause(_ nanoseconds: Int64) {
    tcp.now = CaptureTime(nanoseconds: lastTime.nanoseconds + nanoseconds)
  }

  fileprivate var lastTime: CaptureTime { packets.last?.time ?? .testStart }

  /// A session whose request, its fourth packet, is captured so many nanoseconds after a moment.
  fileprivate init(
    requestAt time: CaptureTime, after nanoseconds: Int64 = 0, clientPort: UInt16 = 40_000,
    client: String = "10.0.0.1", server: TestEndpoint = TestEndpoint("10.0.0.2", 80)
  ) {
    self.init(
      client: client, clientPort: clientPort, server: server,
      start: CaptureTime(nanoseconds: time.nanoseconds + nanoseconds - 3_000_000))
  }
}

/// Times that a judgement depends on: just below the threshold, at it, and just above.
@Suite("Thresholds in time")
struct ThresholdTests {
  private static let second: Int64 = 1_000_000_000

  private func verdict(_ script: (inout SyntheticSession) -> Void, path: String = "/") throws -> Verdict {
    var session = SyntheticSession(path: path)
    script(&session)
    return try #require(analyze(session.packets).closed.last?.verdict)
  }

  // MARK: Silence

  @Test(
    "A silence from 0.1 s before a known timeout to 1.5 s after it may be that",
    arguments: [
      (60 * second - 100_000_001, "silence"), (60 * second - 100_000_000, "idle_timeout"),
      (60 * second, "idle_timeout"), (60 * second + 1_500_000_000, "idle_timeout"),
      (60 * second + 1_500_000_001, "silence"),
    ] as [(Int64, String)])
  func idleTimeout(silence: Int64, cause: String) throws {
    let found = try verdict {
      $0.text(.client, "a")
      $0.pause(silence)
      $0.end(.server)
    }
    #expect(found.cause?.name == cause)
    #expect(found.sentence.contains("perhaps an idle timeout") == (cause == "idle_timeout"))
  }

  @Test(
    "Every known timeout is named, with all that have it",
    arguments: [
      (
        30,
        "Google Cloud backend service timeout, Jetty 10+ WebSocket idleTimeout, SignalR ClientTimeoutInterval"
      ),
      (50, "HAProxy as Debian configures it"), (55, "Heroku router"),
      (60, "nginx proxy_read_timeout, AWS ALB idle timeout, Apache httpd Timeout"), (100, "Cloudflare"),
      (180, "Traefik idleTimeout"), (230, "Azure App Service"), (240, "Azure Load Balancer"),
      (300, "Envoy stream_idle_timeout, Jetty 9 WebSocket idleTimeout"),
      (350, "AWS NLB and NAT gateway"), (600, "AWS API Gateway WebSocket"),
      (3600, "Envoy TCP proxy idle_timeout, HAProxy timeout tunnel as its manual sets it"),
    ] as [(Int64, String)])
  func knownTimeout(seconds: Int64, names: String) throws {
    let found = try verdict {
      $0.text(.client, "a")
      $0.pause(seconds * Self.second)
      $0.end(.server)
    }
    let words =
      "after \(seconds).0 s without a byte: perhaps an idle timeout (\(seconds) s is the default of \(names))"
    #expect(found.sentence.hasSuffix(words), "\(found.sentence)")
  }

  @Test(
    "A silence is worth mentioning from 2 s on",
    arguments: [(2 * second - 1, nil), (2 * second, "silence"), (2 * second + 1, "silence")]
      as [(Int64, String?)])
  func silence(length: Int64, cause: String?) throws {
    let found = try verdict {
      $0.text(.client, "a")
      $0.pause(length)
      $0.end(.server)
    }
    #expect(found.cause?.name == cause)
    #expect(found.idle == length)
  }

  // MARK: Questions without an answer

  @Test(
    "A ping counts as not answered from 0.5 s on",
    arguments: [(499_999_999, nil), (500_000_000, "unanswered_pings"), (500_000_001, "unanswered_pings")]
      as [(Int64, String?)])
  func pingTimeout(wait: Int64, cause: String?) throws {
    let found = try verdict {
      $0.frame(.server, Opcode.ping, [1])
      $0.pause(wait)
      $0.end(.server)
    }
    #expect(found.cause?.name == cause)
    #expect(
      found.sentence.contains("after a ping from the server went unanswered for 0.5 s") == (cause != nil))
  }

  @Test(
    "A heartbeat of an application counts as not answered from 2 s on",
    arguments: [
      (2 * second - 1, nil), (2 * second, "unanswered_pings"), (2 * second + 1, "unanswered_pings"),
    ]
      as [(Int64, String?)])
  func heartbeatTimeout(wait: Int64, cause: String?) throws {
    let found = try verdict(
      {
        $0.text(.server, "2")
        $0.pause(wait)
        $0.end(.server)
      }, path: "/socket.io/?EIO=4")
    #expect(found.cause?.name == cause)
    #expect(
      found.sentence.contains("after an Engine.IO heartbeat from the server went unanswered for 2.0 s")
        == (cause != nil))
  }

  @Test(
    "A side that goes on sending has 5 s for its pong",
    arguments: [(5 * second - 1, 0), (5 * second, 1), (5 * second + 1, 1)] as [(Int64, Int)])
  func timeForPong(wait: Int64, reports: Int) {
    var session = SyntheticSession()
    session.frame(.server, Opcode.ping, [1])
    session.pause(wait)
    session.text(.client, "still here")
    #expect(analyze(session.packets).rules.count { $0 == "ping_not_answered" } == reports)
  }

  // MARK: What was read last

  @Test(
    "A message in pieces may be what was too large for 5 s",
    arguments: [
      (5 * second, "after a message of 3000 bytes from the client in packet 6"),
      (5 * second + 1, "after the last bytes from the client in packet 8"),
    ] as [(Int64, String)])
  func tooLarge(wait: Int64, words: String) throws {
    let found = try verdict {
      $0.text(.client, String(repeating: "x", count: 3000))
      $0.pause(wait)
      $0.close(.server, 1009)
      $0.close(.client, 1009)
      $0.end(.server)
    }
    #expect(found.sentence.contains(words), "\(found.sentence)")
  }

  @Test(
    "Two repetitions are bad luck, three are not",
    arguments: [(2, nil), (3, "peer_vanished"), (4, "peer_vanished")] as [(Int, String?)])
  func repetitions(count: Int, cause: String?) throws {
    let found = try verdict {
      $0.text(.client, "a")
      $0.text(.server, "hello")
      for _ in 0..<count {
        $0.pause(300_000_000)
        $0.tcp.serverNext &-= 7
        $0.text(.server, "hello")
      }
      $0.pause(300_000_000)
      $0.rst(.server)
    }
    #expect(found.cause?.name == cause)
  }

  // MARK: Several sessions

  /// Sessions of one server, the last of which ends so long after the first, the others with it.
  private func restart(sessions: Int, within time: Int64) throws -> Verdict {
    let packets = (0..<sessions).flatMap { number in
      var session = SyntheticSession(clientPort: 40_000 + UInt16(number), path: "/\(number)")
      session.pause(1_000_000)
      if number == sessions - 1 { session.pause(1_000_000 + time) }
      session.close(.server, 1001)
      session.close(.client, 1001)
      session.end(.server)
      return session.packets
    }
    return try #require(analyze(packets).closed.last?.verdict)
  }

  @Test(
    "Ends of one server belong together for 1 s",
    arguments: [(second - 1, "server_restart"), (second, "server_restart"), (second + 1, nil)]
      as [(Int64, String?)])
  func restart(time: Int64, cause: String?) throws {
    #expect(try restart(sessions: 3, within: time).cause?.name == cause)
  }

  @Test(
    "Two other sessions make an end one of many",
    arguments: [(2, nil), (3, 2), (4, 3)] as [(Int, Int?)])
  func restartOthers(sessions: Int, others: Int?) throws {
    let found = try restart(sessions: sessions, within: 100_000_000)
    guard case .serverRestart(let count, _)? = found.cause else {
      #expect(others == nil)
      return
    }
    #expect(count == others)
  }

  /// A session that the server ends, and when it did.
  private func ended(requestAt time: CaptureTime, port: UInt16) -> (packets: [Packet], end: CaptureTime) {
    var session = SyntheticSession(requestAt: time, clientPort: port)
    session.end(.server)
    return (session.packets, session.packets[5].time)
  }

  @Test(
    "A client that comes back within 10 min reconnects",
    arguments: [(0, 1), (600 * second - 1, 1), (600 * second, 1), (600 * second + 1, nil)] as [(Int64, Int?)])
  func reconnect(delay: Int64, count: Int?) {
    let first = ended(requestAt: .testStart.advanced(milliseconds: 3), port: 40_000)
    let second = SyntheticSession(requestAt: first.end, after: delay, clientPort: 40_001)
    let found = analyze(first.packets + second.packets).opened.last?.reconnect
    #expect(found?.count == count)
    #expect(found?.delay == count.map { _ in delay })
  }

  @Test(
    "Five reconnects within 10 s are a storm",
    arguments: [(4, 8 * second, 0), (5, 10 * second - 1, 1), (5, 10 * second, 1), (5, 10 * second + 1, 0)]
      as [(Int, Int64, Int)])
  func storm(reconnects: Int, time: Int64, reports: Int) {
    let first = ended(requestAt: .testStart.advanced(milliseconds: 3), port: 40_000)
    var packets = first.packets
    for number in 1...reconnects {
      let isLast = number == reconnects
      let delay = isLast ? time : Int64(number) * Self.second
      let moment = CaptureTime(nanoseconds: first.end.nanoseconds + delay)
      packets += ended(requestAt: moment, port: 40_000 + UInt16(number)).packets
    }
    #expect(analyze(packets).rules.count { $0 == "reconnect_storm" } == reports)
  }

  @Test(
    "Three pauses make a pattern",
    arguments: [(3, nil), (4, ReconnectBackoff.Shape.fixed)] as [(Int, ReconnectBackoff.Shape?)])
  func backoff(sessions: Int, shape: ReconnectBackoff.Shape?) {
    let packets = (0..<sessions).flatMap { number in
      ended(requestAt: .testStart.advanced(milliseconds: 3000 * number), port: 40_000 + UInt16(number))
        .packets
    }
    #expect(analyze(packets).opened.last?.reconnect?.backoff?.shape == shape)
  }

  @Test(
    "Pauses, in nanoseconds, that are too short to be meant, and that are alike",
    arguments: [
      ([49_999_999, 49_999_999, 49_999_999], nil), ([50_000_000, 50_000_000, 50_000_000], .fixed),
      // A mean of 1 s: a tenth of it is alike.
      ([900_000_000, 1_000_000_000, 1_100_000_000], .fixed),
      ([899_000_000, 1_000_000_000, 1_101_000_000], .linear),
    ] as [([Int64], ReconnectBackoff.Shape?)])
  func shapes(pauses: [Int64], shape: ReconnectBackoff.Shape?) {
    #expect(ReconnectBackoff(pauses)?.shape == shape)
  }

  // MARK: Legs around a proxy

  /// A client at the proxy and the proxy at its server, which makes a new key, saying the same.
  private func legs(requestAfter delay: Int64, messagesAfter transit: Int64) -> Int {
    let start = CaptureTime.testStart.advanced(milliseconds: 3)
    var front = SyntheticSession(requestAt: start)
    var back = SyntheticSession(
      client: "10.0.0.2", clientPort: 50_000, server: TestEndpoint("10.0.0.3", 9000),
      start: CaptureTime(nanoseconds: CaptureTime.testStart.nanoseconds + delay),
      accept: "HSmrc0sMlYUkAGmm5OPpG2HaGWk=", key: "x3JJHMbDL1EzLkh9GBhXDw==")
    var moment = back.lastTime.advanced(milliseconds: 10)
    for text in ["one message", "another", "a third one", "the last one"] {
      front.tcp.now = moment
      front.text(.client, text)
      back.tcp.now = CaptureTime(nanoseconds: moment.nanoseconds + transit)
      back.text(.client, text)
      moment = back.lastTime.advanced(milliseconds: 10)
    }
    for _ in 0..<2 { (front.tcp.now, back.tcp.now) = (moment.advanced(milliseconds: 5), moment) }
    back.end(.client)
    front.end(.client)
    return analyze(front.packets + back.packets).closed.flatMap(\.legs).count { $0.isFinal }
  }

  @Test(
    "A proxy asks its server within 10 s",
    arguments: [(10 * second - 1, 1), (10 * second, 1), (10 * second + 1, 0)] as [(Int64, Int)])
  func legRequest(delay: Int64, found: Int) {
    #expect(legs(requestAfter: delay, messagesAfter: 3_000_000) == found)
  }

  @Test(
    "A proxy keeps no message for longer than 10 s",
    arguments: [(10 * second - 1, 1), (10 * second, 1), (10 * second + 1, 0)] as [(Int64, Int)])
  func legMessages(transit: Int64, found: Int) {
    #expect(legs(requestAfter: 5_000_000, messagesAfter: transit) == found)
  }
}
