import Foundation
import TestSupport
import Testing
import WireBytes

/// Two rare conditions at a time.
@Suite("Two rare conditions together")
struct TwoTroublesTests {
  private func events(_ packets: [Packet]) throws -> [Event] {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try Tool.run(["--json", folder.write(packets.pcap())])
    #expect(outcome.status == 0)
    return try outcome.events()
  }

  /// What is said of one side, in its order: what it said, what is missing, and which rules found something.
  private func story(_ events: [Event], _ side: Side) -> [String] {
    events.filter { $0.from == side.name }.map { event in
      switch event.name {
      case "message": event.string("text") ?? "not readable"
      case "gap": "gap of \(event.int("bytes") ?? -1)"
      case "anomaly": event.string("rule") ?? ""
      default: event.name
      }
    }
  }

  /// A different key for every frame, as a browser makes them.
  private func key(_ number: Int) -> [UInt8] { [0x37, UInt8(number), 0x21, UInt8(number &* 3 + 1)] }

  // MARK: A lost compression context

  /// RFC 7692 §7.2.3.1: "Hello" by itself, and §7.2.3.2: as a reference to an earlier one.
  private static let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
  private static let helloAgain: [UInt8] = [0xF2, 0x00, 0x11, 0x00, 0x00]

  @Test(
    "Both messages after a lost context are shown as they were sent, and what needs none of it is read again",
    arguments: Side.allCases)
  func lostContext(_ side: Side) throws {
    var tcp = TCPConversation()
    tcp.handshake()
    let extensions = "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    tcp.send(from: .client, (upgradeRequest().dropLast() + extensions).utf8)
    tcp.send(from: .server, (upgradeResponse().dropLast() + extensions).utf8)
    let sent = [Self.hello, Self.hello, Self.helloAgain, Self.helloAgain, Self.hello, Self.helloAgain]
    for (number, payload) in sent.enumerated() {
      let bytes = frame(0xC1, payload, isMasked: side == .client, key: key(number))
      let lost = number == 1 ? 4 : 0
      tcp.send(from: side, bytes.dropLast(lost))
      tcp.lose(lost, from: side)
      tcp.acknowledge(from: side == .client ? .server : .client)
    }
    tcp.close()
    let events = try events(tcp.packets)
    #expect(
      story(events, side) == [
        "Hello", "gap of 4", "not readable", "compression_context_lost", "not readable",
        "compression_context_lost", "not readable", "Hello", "Hello",
      ])
    let raw = events.named("message").filter { $0.bool("inflated") == false }
    #expect(raw.dropFirst().map(\.payload) == [Self.helloAgain, Self.helloAgain])
    let compression = events.named("session_close").first?.object(side.name)?.object("compression")
    #expect(compression?.int("messages") == 3)
    #expect(compression?.int("bytes") == 15)
    #expect(compression?.int("compressed_bytes") == 19)
  }

  // MARK: A capture of one side

  @Test(
    "A capture of one side that turns into one of both has every message that was captured of either",
    arguments: Side.allCases)
  func oneSideThenBoth(_ seen: Side) throws {
    var tcp = TCPConversation()
    tcp.upgrade()
    let hidden: Side = seen == .client ? .server : .client
    func say(_ side: Side, _ text: String, _ number: Int) {
      let payload = Array("\(text) \(number)".utf8)
      tcp.send(from: side, frame(0x81, payload, isMasked: side == .client, key: key(number)))
    }
    for number in 0..<10 {
      if number == 5 { tcp.lose(30, from: seen) }
      say(seen, "early", number)
      say(hidden, "not captured", number)
    }
    let start = tcp.packets.count
    for number in 0..<10 {
      if number == 5 { tcp.lose(40, from: seen) }
      say(seen, "late", number)
      say(hidden, "captured", number)
    }
    tcp.close()
    // The lower byte of the source port: 40,000 is the client's.
    let port: UInt8 = seen == .client ? 0x40 : 80
    let packets = tcp.packets.enumerated().filter { $0.offset >= start || $0.element.bytes[35] == port }
    let events = try events(packets.map(\.element))
    let found = ["lost_frame_sync", "resynchronised"]
    func texts(_ text: String, _ numbers: Range<Int>) -> [String] { numbers.map { "\(text) \($0)" } }
    #expect(
      story(events, seen).filter { $0 != "request_not_captured" } == texts("early", 0..<5) + ["gap of 30"]
        + found
        + texts("early", 5..<10) + texts("late", 0..<5) + ["gap of 40"] + found + texts("late", 5..<10))
    // A server's frames have no mask to be known by.
    let first = seen == .client ? ["handshake_unanswered", "resynchronised"] : []
    #expect(story(events, hidden) == first + texts("captured", 0..<10))
    let close = try #require(events.named("session_close").first)
    #expect(close.string("how") == "fin")
    #expect(close.object(seen.name)?.int("messages") == 20)
    #expect(close.object(seen.name)?.int("lost_bytes") == 70)
    #expect(close.object(hidden.name)?.int("messages") == 10)
    #expect(close.int("unexplained_bytes") == 0)
  }

  // MARK: Two FINs that wait

  @Test(
    "A RST while both FINs wait for lost bytes is the end, and what waited is read first",
    arguments: Side.allCases, Side.allCases)
  func resetWhileBothWait(firstFin: Side, reset: Side) throws {
    var tcp = TCPConversation()
    tcp.upgrade()
    for side in Side.allCases {
      tcp.text(from: side, "before")
      tcp.lose(side == .client ? 20 : 30, from: side)
      tcp.text(from: side, "after the gap")
    }
    // All of it acknowledges what came before only: the capture may still get what is missing.
    let confirmed = (client: tcp.clientNext, server: tcp.serverNext)
    tcp.fin(from: firstFin)
    tcp.fin(from: firstFin == .client ? .server : .client)
    tcp.rst(from: reset)
    #expect((confirmed.client, confirmed.server) == (tcp.clientNext - 1, tcp.serverNext - 1))
    let events = try events(tcp.packets)
    for (side, lost) in [(Side.client, 20), (.server, 30)] {
      #expect(
        story(events, side) == [
          "before", "gap of \(lost)", "lost_frame_sync", "resynchronised", "after the gap",
        ])
      let counts = events.named("session_close").first?.object(side.name)
      #expect(counts?.int("lost_bytes") == lost)
      #expect(counts?.int("messages") == 2)
    }
    let close = try #require(events.named("session_close").first)
    #expect(close.string("how") == "rst")
    #expect(close.int("packet") == tcp.packets.count)
    #expect(close.strings("evidence")?.last == "packet \(tcp.packets.count): RST from the \(reset)")
    #expect(close.string("closed_by") == firstFin.name, "its FIN began the end")
    #expect(events.last?.object("reassembly")?.int("after_end") == 0)
  }

  @Test("Without the RST both FINs end it, though the bytes before them never come", arguments: Side.allCases)
  func bothWaitUntilTheEnd(firstFin: Side) throws {
    var tcp = TCPConversation()
    tcp.upgrade()
    for side in Side.allCases {
      tcp.lose(10, from: side)
      tcp.text(from: side, "after the gap")
    }
    tcp.fin(from: firstFin)
    tcp.fin(from: firstFin == .client ? .server : .client)
    let close = try #require(try events(tcp.packets).named("session_close").first)
    #expect(close.string("how") == "fin")
    #expect(close.string("closed_by") == firstFin.name)
    #expect(close.int("lost_bytes") == 20)
  }
}
