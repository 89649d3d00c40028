import Foundation
import TestSupport
import Testing
import WireBytes

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
    #expect(totals.contains("evicted as too many"), "\(totals)")
  }

  /// What stands around a session, more of it than connections may be known.
  enum Flood: String, CaseIterable {
    case syns, packetsOfFrames, packetsOfNoise, requests

    func packets(_ number: Int, at time: CaptureTime) -> [Packet] {
      var tcp = TCPConversation(
        client: TestEndpoint("10.0.0.9", UInt16(1024 + number % 60_000)),
        clientSequence: UInt32(number) &* 7919,
        start: time)
      switch self {
      case .syns: return tcp.segment(from: .client, .syn)
      // A frame that fills its packet, and nothing after it.
      case .packetsOfFrames: return tcp.send(from: .client, [0x82, 60] + [UInt8](repeating: 0, count: 60))
      case .packetsOfNoise:
        return tcp.send(from: .client, (0..<60).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ number) })
      case .requests:
        tcp.handshake()
        return tcp.send(from: .client, "GET / HTTP/1.1\r\nHost: h\r\n".utf8)
      }
    }
  }

  @Test(
    "A session in the middle of a flood keeps all its messages", arguments: Flood.allCases, [false, true])
  func flood(_ flood: Flood, isMidstream: Bool) throws {
    var session = TCPConversation()
    session.interval = 1_000_000
    if !isMidstream { session.upgrade() }
    for number in 0..<50 {
      for side in [.client, .server] as [Side] {
        session.text(from: side, "message \(number) of the session")
      }
    }
    session.close()
    var packets: [Packet] = []
    for (index, packet) in session.packets.enumerated() {
      packets.append(packet)
      for other in 0..<30 {
        packets += flood.packets(
          index * 30 + other, at: CaptureTime(nanoseconds: packet.time.nanoseconds + 1000))
      }
    }
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(packets.pcap())
    let options = ["--max-connections", "50", "--max-pick-up", "100k"]
    let events = try Tool.run(["--json"] + options + [path]).events()
    let texts = events.named("message").compactMap { $0.string("text") }
    #expect(texts.count == 100)
    #expect(Set(texts).count == 50)
    let closed = events.named("session_close")
    #expect(closed.count == 1)
    #expect(closed.first?.string("how") == "fin")
    let end = try #require(events.named("capture_end").first)
    #expect(count(end, "connections_over_limit") ?? 0 > 1000)
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
