import Foundation
import TestSupport
import Testing
import WireBytes

/// What is told of a session follows from its own packets: those of other connections between them change nothing.
@Suite("Sessions do not depend on other connections")
struct IndependenceTests {
  /// Two captures as one.
  private struct Blend {
    var packets: [Packet] = []
    /// Of each packet of the first and of the second capture, its number in the blend.
    var numbers: [[Int]] = [[], []]

    /// By time; each capture keeps the order that its packets have.
    init(_ first: [Packet], _ second: [Packet]) {
      var rest = [first[...], second[...]]
      while let one = rest[0].first, let other = rest[1].first {
        take(one.time.nanoseconds <= other.time.nanoseconds ? 0 : 1, &rest)
      }
      for capture in 0..<2 { while !rest[capture].isEmpty { take(capture, &rest) } }
    }

    private mutating func take(_ capture: Int, _ rest: inout [ArraySlice<Packet>]) {
      packets.append(rest[capture].removeFirst())
      numbers[capture].append(packets.count)
    }
  }

  /// The last packet of every capture that is compared, so that all of them end at the same time.
  private static func last(at time: CaptureTime) -> Packet {
    Packet(ethernet(ipv4(from: "192.0.2.1", to: "192.0.2.2", tcp(.syn))), time: time)
  }

  private func tales(
    _ packets: [Packet], until end: CaptureTime, in folder: TemporaryFolder, numbers: (Int) -> Int = { $0 }
  ) throws -> [SessionTale.Name: SessionTale] {
    let file = (packets + [Self.last(at: end)]).pcap(nanoseconds: true)
    let outcome = try Tool.run(["--json", folder.write(file)])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return SessionTale.all(in: try outcome.events(), numbers: numbers)
  }

  /// The sessions of both captures, alone and together.
  private func compare(_ first: CaptureFrames, _ second: CaptureFrames, _ comment: String) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let end = max(first.last.nanoseconds, second.last.nanoseconds)
    let blend = Blend(first.packets, second.packets)
    for (capture, numbers) in zip([first, second], blend.numbers) {
      let back = Dictionary(uniqueKeysWithValues: zip(numbers, 1...))
      let alone = try tales(capture.packets, until: CaptureTime(nanoseconds: end), in: folder)
      let together = try tales(blend.packets, until: CaptureTime(nanoseconds: end), in: folder) {
        // A packet of the other capture shows as a number that the capture does not have.
        back[$0] ?? -$0
      }
      for (name, tale) in alone {
        guard let other = together[name] else {
          Issue.record("\(comment): \(capture.name) has no session \(name) in the blend")
          continue
        }
        if let difference = tale.difference(from: other) {
          Issue.record("\(comment): \(capture.name), session \(name), alone and in the blend:\n\(difference)")
        }
      }
    }
  }

  /// `WSTAP_BLENDS` pairs are tried (6 by default); `WSTAP_BLEND_SEED` replays a run.
  private func rounds(_ body: (inout SeededRandom) throws -> Void) throws {
    let environment = ProcessInfo.processInfo.environment
    let rounds = environment["WSTAP_BLENDS"].flatMap { Int($0) } ?? 6
    let seed = environment["WSTAP_BLEND_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max / 2)
    print("WSTAP_BLEND_SEED=\(seed)")
    var random = SeededRandom(seed: seed)
    for _ in 0..<rounds { try body(&random) }
  }

  /// The second capture as it would be had it been taken elsewhere while the first one ran.
  private func moved(
    _ second: CaptureFrames, into first: CaptureFrames, _ random: inout SeededRandom
  ) -> CaptureFrames {
    let start = Int64.random(
      in: first.first.nanoseconds - 1_000_000...first.last.nanoseconds, using: &random)
    return second.onOtherHosts().later(by: start - second.first.nanoseconds)
  }

  @Test("Two captures in one have the sessions of each")
  func captures() throws {
    try rounds { random in
      let first = try #require(CaptureFrames.small.randomElement(using: &random))
      // The same one elsewhere, with the same sequence numbers and key, is one connection before and after address translation.
      let others = CaptureFrames.small.filter { $0.name != first.name }
      let second = try #require(others.randomElement(using: &random))
      try compare(
        first, moved(second, into: first, &random), "\(first.name) with \(second.name)")
    }
  }

  private func talk(_ number: Int, _ random: inout SeededRandom) -> CaptureFrames {
    let start = CaptureTime.testStart.advanced(milliseconds: Int.random(in: 0...200, using: &random))
    let ends = [TestEndpoint("10.0.0.2", 80), TestEndpoint("10.0.0.3", 80)]
    var talk = RandomTalk(
      client: TestEndpoint("10.0.0.1", UInt16(41_000 + number)), server: ends[number], random: &random,
      start: start)
    if Bool.random(using: &random) { talk.losePackets() }
    // Some captures begin after the handshake.
    let missed = Bool.random(using: &random) ? 0 : RandomTalk.handshakePackets
    return CaptureFrames("conversation \(number)", Array(talk.packets.dropFirst(missed)))
  }

  @Test("Random conversations at the same time have the sessions of each")
  func talks() throws {
    try rounds { random in
      for _ in 0..<2 {
        try compare(talk(0, &random), talk(1, &random), "random conversations")
      }
    }
  }

  @Test(
    "Packets of another connection do not change who closed",
    arguments: ["b_alone", "b_with_a", "ping_alone", "ping_with_a"])
  func closer(name: String) throws {
    let events = try Tool.run(["--json", "Tests/Cases/crossed/\(name).pcap"]).events()
    let session = try #require(events.openings.values.first { $0.object("client")?.int("port") == 41_000 })
    let close = try #require(events.named("session_close").first { $0.session == session.session })
    #expect(close.string("verdict") == "closed by the server with 1000 (normal closure)")
    #expect(close.string("closed_by") == "server")
  }
}
