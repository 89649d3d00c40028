import Foundation
import TestSupport
import Testing
import WireBytes

/// A capture that begins just after the handshake tells the same of a session, except for what only the handshake says.
@Suite("Sessions without their handshake end as they do with it")
struct CutHandshakeTests {
  /// What a close event says that must not depend on the handshake.
  private struct Ending: Equatable, CustomStringConvertible {
    var verdict: String?
    var closedBy: String?
    var how: String?
    var cause: String?
    var evidence: [String]
    var sides: [String]
    var heartbeats: String
    /// What the sides did not do that they had to.
    var omissions: [String] = []

    /// All bytes of both sides were read.
    var isWhole: Bool

    init(_ close: Event) {
      verdict = close.string("verdict")
      closedBy = close.string("closed_by")
      how = close.string("how")
      cause = close.string("cause")
      evidence = (close.strings("evidence") ?? []).filter { !$0.contains("no handshake captured") }
      sides = ["client", "server"].map { close.object($0)?.canonical ?? "" }
      heartbeats = Event(["heartbeats": close.members["heartbeats"] ?? []]).canonical
      isWhole = close.int("unexplained_bytes") == 0
    }

    var description: String {
      ([verdict, closedBy, how, cause].map { $0 ?? "–" } + evidence + sides + [heartbeats] + omissions)
        .joined(separator: "\n  ")
    }
  }

  /// The capture without the packets of the sessions' connections up to the one that ends the response.
  private func cut(_ packets: [Packet], _ openings: [Event]) -> (packets: [Packet], numbers: [Int]) {
    var left: [(Packet, Int)] = []
    for (index, packet) in packets.enumerated() {
      let isHandshake = openings.contains { open in
        index < open.object("response")?.int("packet") ?? 0 && packet.isBetween(open)
      }
      if !isHandshake { left.append((packet, index + 1)) }
    }
    return (left.map(\.0), left.map(\.1))
  }

  private func endings(
    _ packets: [Packet], in folder: TemporaryFolder, numbers: (Int) -> Int
  ) throws -> (events: [Event], [SessionTale.Name: Ending]) {
    let outcome = try Tool.run(["--json", folder.write(packets.pcap(nanoseconds: true))])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let events = try outcome.events()
    let tales = SessionTale.all(in: events, numbers: numbers).compactMapValues { tale in
      tale.close.map { close in
        var ending = Ending(close)
        ending.omissions = tale.events.filter {
          ["ping_not_answered", "close_not_answered"].contains($0.string("rule"))
        }.map { "\($0.string("rule") ?? "") \($0.string("from") ?? "") \($0.string("detail") ?? "")" }
        return ending
      }
    }
    return (events, tales)
  }

  /// How many sessions there were to compare, and how many of them were found without their handshakes.
  private func compare(_ capture: CaptureFrames) throws -> (sessions: Int, found: Int) {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let (events, whole) = try endings(capture.packets, in: folder) { $0 }
    let openings = Array(events.openings.values).filter { Self.isCuttable($0, events) }
    let (packets, numbers) = cut(capture.packets, openings)
    let (_, without) = try endings(packets, in: folder) { numbers[$0 - 1] }
    let names = Set(openings.map { SessionTale.Name(opening: $0) })
    var found = 0
    for (name, ending) in whole where names.contains(name) {
      // Where a first frame is cut, nothing may tell that it is one.
      guard let other = without[name], other.isWhole || !ending.isWhole else { continue }
      found += 1
      #expect(other == ending, "\(capture.name), session \(name)")
    }
    return (names.count, found)
  }

  /// Whether the packets of the handshake hold nothing but the handshake, and the verdict does not speak of it.
  private static func isCuttable(_ open: Event, _ events: [Event]) -> Bool {
    guard open.object("handshake")?.string("outcome") == "upgraded",
      let response = open.object("response")?.int("packet")
    else { return false }
    let own = events.filter { $0.session == open.session }
    // A pong may answer a ping from before the cut: then nothing is said of it.
    if own.contains(where: { $0.string("rule") == "pong_payload_differs" }) { return false }
    let places = own.filter { !["session_open", "session_close"].contains($0.name) }
      .flatMap { [$0.int("packet"), $0.int("first_packet"), $0.object("tcp")?.int("first_packet")] }
      .compactMap { $0 }
    return (places.min() ?? .max) > response
  }

  @Test("The sessions of a capture", arguments: CaptureFrames.small.map(\.name))
  func captures(name: String) throws {
    let capture = try #require(CaptureFrames.small.first { $0.name == name })
    let counts = try compare(capture)
    #expect(counts.found == counts.sessions)
  }

  /// `WSTAP_TALKS` conversations are tried (40 by default); `WSTAP_TALK_SEED` replays a run.
  @Test("Random conversations")
  func talks() throws {
    let environment = ProcessInfo.processInfo.environment
    let talks = environment["WSTAP_TALKS"].flatMap { Int($0) } ?? 40
    let seed = environment["WSTAP_TALK_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max / 2)
    print("WSTAP_TALK_SEED=\(seed)")
    var random = SeededRandom(seed: seed)
    var (sessions, found) = (0, 0)
    for number in 0..<talks {
      let talk = RandomTalk(client: TestEndpoint("10.0.0.1", 41_000), random: &random)
      let counts = try compare(CaptureFrames("conversation \(number)", talk.packets))
      sessions += counts.sessions
      found += counts.found
    }
    print("sessions \(found) of \(sessions)")
    // Few have a pong with another payload than the ping that it seems to answer.
    #expect(sessions <= talks && sessions * 4 > talks * 3)
    #expect(found * 2 > sessions)
  }

  @Test("Close frames that crossed did so", arguments: ["crossed_whole", "crossed_cut"])
  func crossed(name: String) throws {
    let events = try Tool.run(["--json", "Tests/Cases/crossed/\(name).pcap"]).events()
    let close = try #require(events.named("session_close").first)
    #expect(close.string("verdict") == "closed by both sides at once, with 1000 (normal closure)")
    #expect(close.string("closed_by") == "both")
  }

  /// Its frames are searched for, and read only when they are found.
  @Test("A Close in the first bytes that are heard of a side crossed the other one, too")
  func crossedBeforeTheSideWasHeard() throws {
    var tcp = TCPConversation()
    tcp.upgrade()
    let received = tcp.clientNext
    tcp.send(from: .client, frame(0x88, bigEndianBytes(UInt16(1001)), isMasked: true))
    tcp.text(from: .client, "late")
    let sent = tcp.clientNext
    tcp.clientNext = received
    tcp.send(from: .server, frame(0x88, bigEndianBytes(UInt16(4000)), isMasked: false))
    tcp.clientNext = sent
    tcp.close()
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    for missed in [0, RandomTalk.handshakePackets] {
      let path = try folder.write(Array(tcp.packets.dropFirst(missed)).pcap())
      let close = try #require(try Tool.run(["--json", path]).events().named("session_close").first)
      #expect(close.string("closed_by") == "both", "without the first \(missed) packets")
    }
  }
}

extension SessionTale.Name {
  fileprivate init(opening: Event) {
    let ends = ["client", "server"].map { side in
      "\(opening.object(side)?.string("ip") ?? "?"):\(opening.object(side)?.int("port") ?? -1)"
    }
    self.init(client: ends[0], server: ends[1], ordinal: 0)
  }
}

extension Packet {
  /// Whether it is a TCP segment over IP between the ends of a session.
  fileprivate func isBetween(_ open: Event) -> Bool {
    let ports = [open.object("client")?.int("port") ?? -1, open.object("server")?.int("port") ?? -1]
    let transport = bytes[12] == 0x86 ? 54 : 34
    guard bytes.count >= transport + 4 else { return false }
    let own = [0, 2].map { Int(bytes[transport + $0]) << 8 | Int(bytes[transport + $0 + 1]) }
    return Set(own) == Set(ports)
  }
}
