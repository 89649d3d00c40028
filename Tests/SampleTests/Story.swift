import Foundation
import Testing

/// A folder of samples/: a capture of real clients and servers, and what is known about it.
struct Story: Sendable, CustomTestStringConvertible {
  let name: String

  /// Every folder that holds a capture: a new story is tested without being listed.
  static let all: [Story] = {
    let samples = Tool.packageRoot.appending(path: "samples")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: samples.path)) ?? []
    return names.sorted().map { Story(name: $0) }
      .filter { FileManager.default.fileExists(atPath: $0.file("capture.pcap").path) }
  }()

  var testDescription: String { name }

  /// The capture as a user in the package root names it.
  var capture: String { "samples/\(name)/capture.pcap" }

  func file(_ name: String) -> URL {
    Tool.packageRoot.appending(path: "samples/\(self.name)/\(name)")
  }

  /// What the tool says about the capture as JSON.
  func events(_ flags: String...) throws -> [Event] {
    let outcome = try Tool.run(["--json"] + flags + [capture])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try outcome.events()
  }
}

/// One line of `--json`.
struct Event {
  let members: [String: Any]

  init(line: some StringProtocol) throws {
    let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
    members = try #require(value as? [String: Any], "not an object: \(line)")
  }

  init(_ members: [String: Any]) { self.members = members }

  var name: String { string("event") ?? "" }
  var session: Int { int("session") ?? -1 }
  var from: String { string("from") ?? "" }

  func string(_ name: String) -> String? { members[name] as? String }
  func int(_ name: String) -> Int? { (members[name] as? NSNumber)?.intValue }
  func bool(_ name: String) -> Bool? { (members[name] as? NSNumber)?.boolValue }
  func object(_ name: String) -> Event? { (members[name] as? [String: Any]).map { Event($0) } }
  func objects(_ name: String) -> [Event]? {
    (members[name] as? [[String: Any]]).map { $0.map { Event($0) } }
  }
  func strings(_ name: String) -> [String]? { members[name] as? [String] }

  /// A text that is the same for equal events.
  var canonical: String {
    let data = try? JSONSerialization.data(withJSONObject: members, options: [.sortedKeys])
    return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// The event without some of its members.
  func without(_ names: String...) -> Event { Event(members.filter { !names.contains($0.key) }) }

  /// The payload of a message, ping, pong or frame.
  var payload: [UInt8] {
    if let text = string("text") { return Array(text.utf8) }
    return string("base64").flatMap { Data(base64Encoded: $0) }.map { Array($0) } ?? []
  }
}

extension Tool.Outcome {
  /// Standard output, a JSON object a line.
  func events() throws -> [Event] { try lines.map { try Event(line: $0) } }
}

/// A message as both the tool and an application's log have it.
struct SampleMessage: Hashable, Sendable, CustomStringConvertible {
  var opcode: String
  var payload: [UInt8]

  init(_ opcode: String, _ payload: some Sequence<UInt8>) {
    self.opcode = opcode
    self.payload = Array(payload)
  }

  init(_ event: Event) { self.init(event.string("opcode") ?? "", event.payload) }

  static func text(_ text: String) -> SampleMessage { SampleMessage("text", text.utf8) }

  var description: String {
    "\(opcode) \(payload.count) B \(String(decoding: payload.prefix(60), as: UTF8.self).debugDescription)"
  }
}

/// What one side of a conversation said.
struct Speaker: Hashable, Sendable, Comparable, CustomStringConvertible {
  var conversation: Int
  var side: String

  var description: String { "connection \(conversation), \(side)" }

  static func < (a: Speaker, b: Speaker) -> Bool { (a.conversation, a.side) < (b.conversation, b.side) }
}

extension [Event] {
  /// Events of one kind.
  func named(_ name: String) -> [Event] { filter { $0.name == name } }

  /// The sessions by their numbers.
  var openings: [Int: Event] {
    Dictionary(named("session_open").map { ($0.session, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The complete messages of every session's two sides, in their order.
  var completeMessages: [Speaker: [SampleMessage]] {
    Dictionary(
      grouping: named("message").filter { $0.bool("complete") ?? true },
      by: { Speaker(conversation: $0.session, side: $0.from) }
    ).mapValues { $0.map { SampleMessage($0) } }
  }
}
