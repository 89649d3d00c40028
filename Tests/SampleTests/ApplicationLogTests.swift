import Foundation
import Testing

/// What a story's log lacks on purpose: messages that were on the wire and not given to an application.
struct Undelivered: Sendable {
  var story: String
  var speaker: Speaker
  var messages: [SampleMessage]
  var reason: String

  init(_ story: String, _ connection: Int, _ side: String, _ messages: [SampleMessage], _ reason: String) {
    self.story = story
    speaker = Speaker(conversation: connection, side: side)
    self.messages = messages
    self.reason = reason
  }

  static let all: [Undelivered] =
    [
      Undelivered(
        "server-rst", 1, "client", [.text("never read 1"), .text("never read 2"), .text("never read 3")],
        "they waited in the socket of a server that read no more and reset the connection")
    ]
    + [4, 10].map {
      Undelivered(
        "server-breaks-rules", $0, "server", [.text("five!")],
        "the client refused the length, whose top bit is set; the server's log leaves it out")
    }
    // Each path once against port 8907 and once against port 8908, ten connections later.
    + [0, 10].flatMap { first in
      [
        Undelivered(
          "client-breaks-rules", first + 1, "client", [.text("not masked")],
          "the server refused a frame without a mask"),
        Undelivered(
          "client-breaks-rules", first + 3, "client", [.text("no extension was agreed on")],
          "the server refused RSV1 without an extension"),
        Undelivered(
          "client-breaks-rules", first + 6, "client",
          [SampleMessage("text", [0x67, 0x72, 0xf6, 0xdf, 0x65])], "the server refused text that is not UTF-8"
        ),
        Undelivered(
          "client-breaks-rules", first + 8, "client", [.text("another message")],
          "the server refused a message inside a message"),
      ]
    }
}

/// Messages of a story that never came to their end.
struct Unfinished: Hashable, Sendable {
  var connection: Int
  var side: String
  var shown: Int
  var missing: Int

  static let all: [String: [Unfinished]] = [
    "fin-without-close": [
      // Two fragments, and no more before the process dies.
      Unfinished(connection: 2, side: "server", shown: 31, missing: 0),
      // 100 bytes of a frame whose header says 1000.
      Unfinished(connection: 3, side: "server", shown: 100, missing: 900),
    ],
    "client-breaks-rules": [7, 17].flatMap { connection in
      [
        // A continuation of nothing: its beginning was never sent.
        Unfinished(connection: connection, side: "client", shown: 17, missing: 0),
        // A new text begins after one fragment.
        Unfinished(connection: connection + 1, side: "client", shown: 14, missing: 0),
      ]
    },
  ]
}

@Suite("The messages are those that the application logged")
struct ApplicationLogTests {
  /// Stories in which a proxy stands between the two: both legs have every message. Server ports.
  static let legs: [String: [Int]] = ["proxy": [8080, 9001], "nginx-idle-timeout": [8904, 8905]]

  @Test("Each side's complete messages, in order, in each leg", arguments: Story.all)
  func messages(_ story: Story) throws {
    let expected = try log(story)
    let events = try story.events()
    for port in Self.legs[story.name].map({ $0.map(Optional.some) }) ?? [nil] {
      let found = messages(in: events, serverPort: port)
      for speaker in Set(expected.keys).union(found.keys).sorted() {
        #expect(
          found[speaker] ?? [] == expected[speaker] ?? [],
          "\(story.name), \(speaker), server port \(port.map(String.init) ?? "any")")
      }
    }
  }

  @Test("A message is unfinished only where the story says so", arguments: Story.all)
  func unfinished(_ story: Story) throws {
    let events = try story.events()
    let numbers = connectionNumbers(events, serverPort: nil)
    let found = events.named("message").filter { $0.bool("complete") == false }.map {
      Unfinished(
        connection: numbers[$0.session] ?? 0, side: $0.from, shown: $0.payload.count,
        missing: $0.int("missing_bytes") ?? -1)
    }
    #expect(Set(found) == Set(Unfinished.all[story.name] ?? []))
    #expect(found.count == Unfinished.all[story.name]?.count ?? 0)
  }

  @Test("Every difference that is allowed belongs to a story", arguments: Undelivered.all.map(\.story))
  func differences(_ name: String) {
    #expect(Story.all.contains { $0.name == name })
  }

  /// application.jsonl, with what it lacks on purpose.
  private func log(_ story: Story) throws -> [Speaker: [SampleMessage]] {
    let lines = try String(contentsOf: story.file("application.jsonl"), encoding: .utf8).split(
      separator: "\n")
    var messages: [Speaker: [SampleMessage]] = [:]
    for line in lines {
      let event = try Event(line: line)
      let speaker = Speaker(conversation: try #require(event.int("connection")), side: event.from)
      messages[speaker, default: []].append(SampleMessage(event))
    }
    for difference in Undelivered.all where difference.story == story.name {
      messages[difference.speaker, default: []] += difference.messages
    }
    return messages
  }

  /// The tool's messages by the connections as the server counted them.
  private func messages(in events: [Event], serverPort: Int?) -> [Speaker: [SampleMessage]] {
    let numbers = connectionNumbers(events, serverPort: serverPort)
    var result: [Speaker: [SampleMessage]] = [:]
    for (speaker, messages) in events.completeMessages {
      guard let number = numbers[speaker.conversation] else { continue }
      result[Speaker(conversation: number, side: speaker.side)] = messages
    }
    return result
  }

  /// Session number → connection number: the servers counted connections in the order in which they came.
  private func connectionNumbers(_ events: [Event], serverPort: Int?) -> [Int: Int] {
    let upgraded = events.named("session_open").filter {
      ["upgraded", "invalid"].contains($0.object("handshake")?.string("outcome"))
        && (serverPort == nil || $0.object("server")?.int("port") == serverPort)
    }
    let ordered = upgraded.sorted { ($0.int("tcp_stream") ?? 0) < ($1.int("tcp_stream") ?? 0) }
    return Dictionary(uniqueKeysWithValues: ordered.enumerated().map { ($1.session, $0 + 1) })
  }
}
