import Foundation
import TestSupport
import Testing

/// Every limit can be set, holds, and is counted.
@Suite("Limits")
struct LimitTests {
  private func end(_ arguments: [String]) throws -> Event {
    let events = try Tool.run(["--json"] + arguments).events()
    return try #require(events.named("capture_end").first)
  }

  private func end(_ arguments: [String], _ packets: [Packet]) throws -> Event {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    return try end(arguments + [folder.write(packets.pcap())])
  }

  private func count(_ end: Event, _ name: String) -> Int? { end.object("reassembly")?.int(name) }

  @Test func connections() throws {
    let story = try #require(Story.all.first { $0.name == "many" })
    #expect(count(try end([story.capture]), "connections_over_limit") == 0)
    let few = try end(["--max-connections", "2", story.capture])
    #expect(count(few, "connections_over_limit") ?? 0 > 0)
    let totals = try Tool.run(["-q", "--max-connections", "2", story.capture]).text
    #expect(totals.contains("let go as too many"), "\(totals)")
  }

  /// A request whose first segment comes last.
  private var disorder: [Packet] {
    var tcp = TCPConversation()
    tcp.handshake()
    let request = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    tcp.send(from: .client, request.utf8, segmentSize: 10)
    var packets = tcp.packets
    packets.append(packets.remove(at: 3))
    packets[packets.count - 1].time = tcp.now
    return packets
  }

  @Test("Bytes that wait behind a hole", arguments: ["--max-waiting", "--max-waiting-in-all"])
  func waiting(option: String) throws {
    #expect(count(try end([], disorder), "holes_over_limit") == 0)
    #expect(count(try end([option, "300"], disorder), "holes_over_limit") == 1)
  }

  @Test("Sizes may have a unit", arguments: ["1k", "1024", "1M", "1G"])
  func units(size: String) throws {
    #expect(count(try end(["--max-waiting", size], disorder), "holes_over_limit") == 0)
  }

  @Test func idleTime() throws {
    var first = TCPConversation()
    first.handshake()
    first.send(from: .client, "GET / HTTP/1.1\r\n".utf8)
    var second = TCPConversation(client: TestEndpoint("10.0.0.9", 41_000))
    second.now = first.now
    second.wait(milliseconds: 10_000)
    second.handshake()
    for _ in 0..<500 { second.acknowledge(from: .client) }
    let packets = first.packets + second.packets
    #expect(count(try end([], packets), "connections_given_up") == 0)
    #expect(count(try end(["--idle-timeout", "5"], packets), "connections_given_up") == 1)
    #expect(count(try end(["--idle-timeout", "30"], packets), "connections_given_up") == 0)
  }

  @Test func looksForFrames() throws {
    var tcp = TCPConversation()
    for _ in 0..<20 { tcp.send(from: .client, Array(repeating: UInt8(0x81), count: 100)) }
    #expect(try end([], tcp.packets).int("pick_ups_let_go") == 0)
    #expect(try end(["--max-pick-up", "500"], tcp.packets).int("pick_ups_let_go") == 1)
  }

  @Test func inflatedBytes() throws {
    let story = try #require(Story.all.first { $0.name == "deflate" })
    let rules = { (arguments: [String]) in
      try Tool.run(["--json"] + arguments + [story.capture]).events().compactMap { $0.string("rule") }
    }
    #expect(try !rules([]).contains("inflation_too_large"))
    #expect(try rules(["--max-inflated", "10"]).contains("inflation_too_large"))
  }

  @Test func shownPayload() throws {
    let story = try #require(Story.all.first { $0.name == "chat" })
    #expect(try end([story.capture]).int("messages_shortened") == 0)
    #expect(try end(["--max-payload", "8", story.capture]).int("messages_shortened") == 12)
    #expect(try end(["--max-payload", "1k", story.capture]).int("messages_shortened") == 0)
  }

  @Test(
    "A limit that makes no sense is refused",
    arguments: [
      ["--max-connections", "0"], ["--max-waiting", "-1"], ["--max-waiting", "ten"], ["--max-payload", "1T"],
      ["--max-waiting", "9999999G"],
      ["--idle-timeout", "0"], ["--idle-timeout", "nan"], ["--max-pick-up", "k"],
    ])
  func refused(arguments: [String]) throws {
    let outcome = try Tool.run(arguments + [Story.all[0].capture])
    #expect(outcome.status == 2)
    #expect(outcome.text == "")
  }

  @Test func helpNamesTheDefaults() throws {
    let help = try Tool.run(["show", "--help"]).text
    for words in ["LIMITS", "200000", "4M", "32M", "64M", "7200"] {
      #expect(help.contains(words), "\(words)")
    }
  }
}
