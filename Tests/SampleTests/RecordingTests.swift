import Foundation
import Testing

/// A folder of Tests/Recordings.
struct Recording {
  let name: String

  func file(_ file: String) -> URL { Tool.packageRoot.appending(path: "Tests/Recordings/\(name)/\(file)") }

  func text(_ file: String) throws -> String { try String(contentsOf: self.file(file), encoding: .utf8) }

  func events() throws -> [Event] {
    let plain = file("capture.pcap").path
    let isPlain = FileManager.default.fileExists(atPath: plain)
    let outcome = try Tool.run(["--json", isPlain ? plain : plain + ".gz"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try outcome.events()
  }

  /// What the application at the server logged, by the client's port and the side.
  func log() throws -> [Speaker: Event] {
    var log: [Speaker: Event] = [:]
    for line in try text("application.jsonl").split(separator: "\n") {
      let event = try Event(line: line)
      log[Speaker(conversation: try #require(event.int("port")), side: event.from)] = event
    }
    return log
  }
}

/// FNV-1a over opcode, length and payload of messages, as the servers of the recordings make it.
struct MessageDigest {
  private var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ message: SampleMessage) {
    for byte in Array("\(message.opcode == "text" ? "t" : "b")\(message.payload.count)".utf8)
      + message.payload
    {
      value = (value ^ UInt64(byte)) &* 0x100_0000_01B3
    }
  }

  var text: String {
    String(repeating: "0", count: 16 - String(value, radix: 16).count) + String(value, radix: 16)
  }
}

@Suite("What real programs said in recordings")
struct RecordingTests {
  /// The messages of each side, those that could be read whole, by the client's port.
  private func messages(in events: [Event]) -> [Speaker: [SampleMessage]] {
    let ports = events.openings.mapValues { $0.object("client")?.int("port") ?? 0 }
    let readable = events.named("message").filter {
      ($0.bool("complete") ?? true) && ($0.bool("inflated") ?? true)
    }
    return Dictionary(
      grouping: readable, by: { Speaker(conversation: ports[$0.session] ?? 0, side: $0.from) }
    ).mapValues { $0.map { SampleMessage($0) } }
  }

  /// The application stops reading at a violation: what it logged are the first messages then.
  private func compare(
    _ found: [Speaker: [SampleMessage]], with log: [Speaker: Event], mayEndEarly: (Int) -> Bool
  ) throws {
    for (speaker, entry) in log {
      let count = try #require(entry.int("messages"))
      let messages = found[speaker] ?? []
      let isWhole = messages.count == count || (speaker.side == "client" && mayEndEarly(speaker.conversation))
      #expect(isWhole && messages.count >= count, "\(speaker): \(messages.count) messages, logged \(count)")
      var digest = MessageDigest()
      for message in messages.prefix(count) { digest.add(message) }
      #expect(digest.text == entry.string("digest"), "\(speaker)")
    }
  }

  @Test(
    "Autobahn's cases: every message is the application's, every violation on purpose is named",
    arguments: ["autobahn", "autobahn-large"])
  func autobahn(name: String) throws {
    let recording = Recording(name: name)
    let events = try recording.events()
    let cases = try recording.text("cases.txt").split(separator: "\n").map { String($0) }
    let expected = try JSONDecoder().decode(
      [String: [String]].self, from: Data(contentsOf: Recording(name: "autobahn").file("violations.json")))
    #expect(events.openings.count == cases.count)
    let violations = events.named("anomaly").filter {
      $0.string("severity") == "violation" && $0.string("rule") != "close_not_answered"
    }
    for (session, name) in zip(1..., cases) {
      let rules = Set(violations.filter { $0.session == session }.compactMap { $0.string("rule") })
      #expect(rules == Set(expected[name] ?? []), "case \(name)")
    }
    #expect(violations.allSatisfy { $0.from == "client" })
    let broken = Set(
      events.openings.filter { expected[cases[$0.key - 1]] != nil }.map {
        $0.value.object("client")?.int("port") ?? 0
      })
    try compare(messages(in: events), with: recording.log()) { broken.contains($0) }
  }

  @Test("permessage-deflate in every combination of its parameters: every message is the application's")
  func deflateMatrix() throws {
    let recording = Recording(name: "deflate-matrix")
    let events = try recording.events()
    #expect(events.openings.count == 144)
    #expect(events.named("anomaly").map { $0.string("rule") } == [])
    let compressed = events.named("message").filter { $0.bool("compressed") ?? false }
    #expect(compressed.count > 2500)
    #expect(compressed.allSatisfy { $0.bool("inflated") == nil && $0.int("compressed_bytes") ?? 0 > 0 })
    try compare(messages(in: events), with: recording.log()) { _ in false }
  }

  @Test("Browsers with every combination, uWSGI, and nginx between: every message is the application's")
  func deflateBrowsers() throws {
    let recording = Recording(name: "deflate-browsers")
    let events = try recording.events()
    let openings = events.openings
    let outcomes = Dictionary(
      grouping: openings.values, by: { $0.object("handshake")?.string("outcome") ?? "" })
    // ws refuses Firefox, which offers no window of the client's, where it is to have one.
    #expect(outcomes.mapValues(\.count) == ["upgraded": 270, "rejected": 24])
    #expect(Set(events.named("anomaly").compactMap { $0.string("rule") }) == ["handshake_rejected"])
    let agreed = openings.values.flatMap {
      $0.object("handshake")?.object("extensions")?.strings("selected") ?? []
    }
    // Every combination with Chromium, half as many with Firefox; the servers write them in orders of their own.
    #expect(Set(agreed.map { Set($0.split(separator: "; ")) }).count == 36)
    let compressed = events.named("message").filter { $0.bool("compressed") ?? false }
    #expect(compressed.count > 3000)
    #expect(compressed.allSatisfy { $0.bool("inflated") == nil && $0.int("compressed_bytes") ?? 0 > 0 })

    // nginx keeps the key: its client's leg has the messages of the one that the application logged.
    let legs = events.named("session_close").flatMap { close in
      (close.objects("legs") ?? []).filter { $0.string("role") == "front" }.map { (close.session, $0) }
    }
    #expect(legs.count == 74)
    #expect(legs.allSatisfy { $0.1.bool("final") == true && $0.1.int("difference_count") == 0 })
    let behind = Dictionary(uniqueKeysWithValues: legs.map { ($0, $1.int("of") ?? 0) })

    // A port may have been used for two servers.
    var log: [Speaker: Set<String>] = [:]
    for line in try recording.text("application.jsonl").split(separator: "\n") {
      let entry = try Event(line: line)
      let speaker = Speaker(conversation: entry.int("port") ?? 0, side: entry.from)
      log[speaker, default: []].insert("\(entry.int("messages") ?? 0) \(entry.string("digest") ?? "")")
    }
    let messages = events.completeMessages
    #expect(messages.count == 540)
    for (speaker, said) in messages {
      var digest = MessageDigest()
      for message in said { digest.add(message) }
      let session = behind[speaker.conversation] ?? speaker.conversation
      let port = openings[session]?.object("client")?.int("port") ?? 0
      let logged = log[Speaker(conversation: port, side: speaker.side)] ?? []
      #expect(logged.contains("\(said.count) \(digest.text)"), "\(speaker)")
    }
  }

  /// How a recorded session ends, in one of Tests/Recordings/verdicts.
  struct Ending: Sendable, CustomTestStringConvertible {
    var file: String
    var how: String
    var by: String?
    var cause: String?
    /// What the sentence says.
    var words: String

    var testDescription: String { file }

    static let all = [
      Ending(
        file: "server-killed", how: "fin", by: "server", cause: "server_restart",
        words: "perhaps its process ended, or was killed"),
      Ending(
        file: "client-killed", how: "fin", by: "client",
        words: "TCP closed by the client without a Close frame"),
      Ending(
        file: "server-restarts", how: "close_handshake", by: "server", cause: "server_restart",
        words: "1001 (going away), when the server ended"),
      Ending(
        file: "invalid-utf8", how: "close_handshake", by: "server", cause: "violation",
        words: "1007 (invalid frame payload data), after invalid_utf8 by the client"),
      Ending(
        file: "too-large", how: "close_handshake", by: "server", cause: "large_message",
        words: "1009 (message too big), after a message of 5000 bytes from the client in packet 14"),
      Ending(
        file: "websockets-ping-timeout", how: "close_handshake", by: "server", cause: "unanswered_pings",
        words: "after a ping from the server went unanswered for 1.5 s"),
      Ending(
        file: "ws-ping-timeout", how: "rst", by: "server", cause: "unanswered_pings",
        words: "then reset by the server, after a ping from the server went unanswered for 1.0 s"),
      Ending(file: "network-cut", how: "capture_end", words: "still open when the capture ended"),
    ]
  }

  @Test("What is said of the end of sessions that go wrong", arguments: Ending.all)
  func verdicts(_ ending: Ending) throws {
    let recording = Recording(name: "verdicts")
    let outcome = try Tool.run(["--json", recording.file("\(ending.file).pcap").path])
    // Of several sessions that end at once the last one knows of the others.
    let last = try #require(try outcome.events().named("session_close").last)
    #expect(last.string("how") == ending.how)
    #expect(last.string("closed_by") == ending.by)
    #expect(last.string("cause") == ending.cause)
    let sentence = last.string("verdict") ?? ""
    #expect(sentence.contains(ending.words), "\(sentence)")
  }
}
