import Foundation
import Testing

/// A folder of Tests/Recordings.
struct Recording {
  let name: String

  func file(_ file: String) -> URL { Tool.packageRoot.appending(path: "Tests/Recordings/\(name)/\(file)") }

  func text(_ file: String) throws -> String { try String(contentsOf: self.file(file), encoding: .utf8) }

  func events() throws -> [Event] {
    let outcome = try Tool.run(["--json", file("capture.pcap").path])
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

  @Test("Autobahn's cases: every message is the application's, every violation on purpose is named")
  func autobahn() throws {
    let recording = Recording(name: "autobahn")
    let events = try recording.events()
    let cases = try recording.text("cases.txt").split(separator: "\n").map { String($0) }
    let expected = try JSONDecoder().decode(
      [String: [String]].self, from: Data(contentsOf: recording.file("violations.json")))
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
}
