import Foundation
import TestSupport
import Testing
import WireBytes

/// Samples that begin in the middle, or lack a part of the handshake.
@Suite("Sessions without a captured handshake")
struct MidstreamSampleTests {
  static let upgraded = Story.all.filter { $0.name != "rejected" }

  /// `WSTAP_CUTS` places a sample are tried (2 by default); `WSTAP_CUT_SEED` replays a run.
  @Test("A capture that begins anywhere has the sessions and messages that follow, and no others")
  func startAnywhere() throws {
    let environment = ProcessInfo.processInfo.environment
    let cuts = environment["WSTAP_CUTS"].flatMap { Int($0) } ?? 2
    let seed = environment["WSTAP_CUT_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max / 2)
    print("WSTAP_CUT_SEED=\(seed)")
    var random = SeededRandom(seed: seed)
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    var (sessions, foundSessions, messages, foundMessages) = (0, 0, 0, 0)
    for story in Self.upgraded {
      let packets = try PacketList(story)
      let original = try packets.heard(0..<packets.count, in: folder)
      for _ in 0..<cuts {
        let start = Int.random(in: 1..<packets.count, using: &random)
        let heard = try packets.heard(start..<packets.count, in: folder)
        let invented = heard.invented(comparedWith: original)
        #expect(invented.isEmpty, "\(story.name) from packet \(start + 1)")
        #expect(heard.accountsAddUp, "\(story.name) from packet \(start + 1)")
        // Compressed messages may refer to what is not there.
        let wanted = original.items.filter {
          $0.firstPacket > start && !$0.item.isCompressed && $0.item.isWhole
        }
        .map(\.item)
        messages += wanted.count
        foundMessages += heard.found(wanted)
        let talking = Set(wanted.map(\.clientPort))
        sessions += talking.count
        foundSessions += talking.intersection(heard.sessions).count
      }
    }
    print("sessions \(foundSessions) of \(sessions), messages \(foundMessages) of \(messages)")
    #expect(foundSessions * 10 >= sessions * 9)
    #expect(foundMessages * 20 >= messages * 19)
  }

  @Test("A WebSocket over HTTP/2 that is joined anywhere is no session, and nobody is accused of anything")
  func carriedByHTTP2() throws {
    let packets = try PacketList(path: "Tests/Cases/midstream/websocket-over-http2.pcap")
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    for start in 0..<packets.count {
      let heard = try packets.heard(start..<packets.count, in: folder)
      #expect(heard.sessions.isEmpty && heard.items.isEmpty, "from packet \(start + 1)")
    }
  }

  @Test(
    "Whichever sides mask, the messages of both are read", arguments: [false, true], [false, true])
  func masks(ofClient: Bool, ofServer: Bool) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    for isServerFirst in [false, true] {
      var tcp = TCPConversation()
      for number in 0..<10 {
        for isServer in [isServerFirst, !isServerFirst] {
          let text = Array("{\"number\":\(number),\"from\":\"\(isServer ? "server" : "client")\"}".utf8)
          let key = [UInt8(number), 0x77, 0xA1, UInt8(isServer ? 3 : 9)]
          let bytes = frame(0x81, text, isMasked: isServer ? ofServer : ofClient, key: key)
          tcp.send(from: isServer ? .server : .client, bytes)
        }
      }
      let events = try Tool.run(["--json", folder.write(tcp.packets.pcap())]).events()
      #expect(events.named("message").count == 20)
      #expect(events.named("session_close").first?.int("unexplained_bytes") == 0)
      // Only where the masks are the wrong way round they say that the roles are, too.
      let client = events.named("session_open").first?.object("client")?.int("port")
      #expect(client == (!ofClient && ofServer ? 80 : 40_000))
    }
  }

  @Test("A response that was not captured is implied by the frames", arguments: ["chat", "deflate", "many"])
  func lostAnswer(name: String) throws {
    let story = try #require(Story.all.first { $0.name == name })
    let packets = try PacketList(story)
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let events = try story.events()
    let answers = Set(events.named("session_open").compactMap { $0.object("response")?.int("packet") })
    var copy = packets.capture
    copy.records = (0..<packets.count).filter { !answers.contains($0 + 1) }.map {
      packets.capture.records[$0]
    }
    let damaged = try Tool.run(["--json", folder.write(copy.file)]).events()
    #expect(Heard(damaged).invented(comparedWith: Heard(events)).isEmpty)
    #expect(Heard(damaged).found(Heard(events).items.map(\.item)) == Heard(events).items.count)
    for opening in damaged.named("session_open") {
      #expect(opening.object("handshake")?.string("outcome") == "incomplete")
      #expect(opening.string("url") != nil)
    }
    #expect(damaged.contains { $0.string("rule") == "picked_up" })
    for close in damaged.named("session_close") {
      #expect(close.string("verdict")?.contains("but frames followed") ?? false)
    }
  }

  @Test("One direction alone is read", arguments: ["chat", "fragments", "deflate"], ["client", "server"])
  func oneDirection(name: String, side: String) throws {
    let story = try #require(Story.all.first { $0.name == name })
    let packets = try PacketList(story)
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let events = try story.events()
    let ports = Set(events.named("session_open").compactMap { $0.object("server")?.int("port") })
    let kept = (0..<packets.count).filter { index in
      ports.contains(sourcePort(packets.capture.records[index])) == (side == "server")
    }
    let heard = try packets.heard(kept, in: folder)
    let wanted = Heard(events.filter { $0.from == side || $0.name == "session_open" })
    #expect(heard.invented(comparedWith: wanted).isEmpty)
    #expect(heard.found(wanted.items.map(\.item)) == wanted.items.count)
  }

  /// The TCP source port of an Ethernet record with IPv4.
  private func sourcePort(_ record: [UInt8]) -> Int {
    let ip = 16 + 14
    let tcp = ip + Int(record[ip] & 0x0F) * 4
    return Int(record[tcp]) << 8 | Int(record[tcp + 1])
  }

  @Test func decodingAsWebSocketNeedsNoEvidence() throws {
    let story = try #require(Story.all.first { $0.name == "ping-timeout" })
    let events = try story.events()
    let last = try #require(events.last { ["message", "ping", "close"].contains($0.name) })
    let port = try #require(events.openings[last.session]?.object("server")?.int("port"))
    let packets = try PacketList(story)
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    var copy = packets.capture
    copy.records = Array(copy.records.dropFirst((last.int("packet") ?? 1) - 1))
    let file = try folder.write(copy.file)
    let forced = try Tool.run(["--json", "--decode-as", "websocket:\(port)", file]).events()
    #expect(forced.named("session_open").count == 1)
    #expect(forced.named("session_open").first?.object("handshake")?.string("outcome") == "not_captured")
  }

  @Test func onlyConnectionsOfAPortAreShown() throws {
    let story = try #require(Story.all.first { $0.name == "proxy" })
    let events = try story.events()
    let ports = Set(events.named("session_open").compactMap { $0.object("server")?.int("port") })
    #expect(ports.count == 2)
    for port in ports {
      let shown = try story.events("--port", "\(port)").named("session_open")
      #expect(shown.count == events.named("session_open").count / 2)
      #expect(shown.allSatisfy { $0.object("server")?.int("port") == port })
    }
    let bad = try Tool.run(["--decode-as", "mqtt:1883", story.capture])
    #expect(bad.status == 2)
  }
}
