import Output
import PacketLayers
import SessionTestSupport
import TCPReassembly
import TestSupport
import Testing
import WireBytes

@testable import SessionAnalysis

@Suite("Sessions of a server that end at the same age")
struct LifetimeTests {
  /// Sessions that speak every 30 s and end after `ages`, in seconds; each begins `apart` seconds after the one before.
  private func causes(
    _ ages: [Double], apart: Double = 100, servers: Int = 1, every: Double = 30,
    end: (inout SyntheticSession) -> Void = { $0.end(.server) }
  ) -> [(cause: String?, sentence: String)] {
    var packets: [Packet] = []
    for (index, age) in ages.enumerated() {
      var session = SyntheticSession(
        clientPort: 40_000 + UInt16(index),
        server: TestEndpoint(TestAddress("10.0.0.\(2 + index % servers)"), 80),
        start: CaptureTime.testStart.advanced(milliseconds: Int(apart * 1000) * index))
      var left = age
      while left > every {
        session.wait(seconds: every)
        session.text(.client, "a")
        session.text(.server, "b")
        left -= every + 0.002
      }
      session.wait(seconds: left)
      end(&session)
      packets += session.packets
    }
    return analyze(packets).closed.map { ($0.verdict.cause?.name, $0.verdict.sentence) }
  }

  @Test func fromTheSecondOnAKnownAgeIsTheCause() {
    let found = causes([7200, 7205, 7199])
    #expect(
      found.map(\.cause) == [nil, "max_lifetime", "max_lifetime"]
        || found[1...].allSatisfy { $0.cause == "max_lifetime" })
    #expect(
      found[1].sentence.contains(
        "1 other session of this server ended: perhaps a maximum lifetime (inferred; 7200 s is that of")
        && found[1].sentence.contains("AWS API Gateway WebSocket"), "\(found[1].sentence)")
    #expect(found[2].sentence.contains("2 other sessions of this server"))
  }

  @Test func aKnownLimitMayBeNoticedALittleLater() {
    let found = causes([300.9, 300.4, 300.3, 300.5], every: 7)
    #expect(found.suffix(2).allSatisfy { $0.cause == "max_lifetime" }, "\(found)")
  }

  @Test("A limit that nobody is known for", arguments: [900.0, 45])
  func unknown(age: Double) {
    let found = causes([age, age, age], every: 7)
    #expect(found.last?.cause == "max_lifetime")
    #expect(found.last?.sentence.hasSuffix("perhaps a maximum lifetime (inferred)") == true, "\(found)")
  }

  @Test func anEndByACloseThatSaysNothingElse() {
    let found = causes([7200, 7201]) {
      $0.close(.server, 1001, "Going away")
      $0.close(.client, 1001)
      $0.end(.server)
    }
    #expect(found.last?.cause == "max_lifetime")
  }

  @Test func serversWithOneHostNameHaveOneLimit() {
    let found = causes([3600, 3600, 3600, 3600, 3600], servers: 5, every: 59)
    #expect(found.dropFirst().allSatisfy { $0.cause == "max_lifetime" }, "\(found)")
    #expect(found.last?.sentence.contains("4 other sessions with the same Host ended") == true, "\(found)")
  }

  @Test func aNormalClosureByTheServerTakesTwoOthers() {
    let found = causes([1800, 1800, 1800, 1800]) {
      $0.close(.server, 1000)
      $0.close(.client, 1000)
      $0.end(.server)
    }
    #expect(found.map(\.cause) == [nil, nil, "max_lifetime", "max_lifetime"], "\(found)")
  }

  @Test func aReasonAndAnAgeAreBothTold() {
    let found = causes([1800, 1800, 1800]) {
      $0.close(.server, 1000, "max connection age")
      $0.close(.client, 1000)
      $0.end(.server)
    }
    #expect(found.map(\.cause) == ["close_reason", "close_reason", "max_lifetime"], "\(found)")
    #expect(
      found[2].sentence.contains(#"reason in the Close: "max connection age", 1800.0 s after it was opened"#),
      "\(found)")
  }

  @Test("Ages that agree by chance show no limit", arguments: [0, 1, 2, 3])
  func chance(kind: Int) {
    var random = SeededRandom(seed: UInt64(kind) + 7)
    var (known, said, time) = (RecentLifetimes(), 0, CaptureTime.testStart)
    let server = Endpoint(address: IPAddress(ipv4: 1), port: 80)
    for _ in 0..<2000 {
      let age: Double =
        switch kind {
        case 0: .random(in: 30...3000, using: &random)
        case 1: .random(in: 100...200, using: &random)
        case 2: 300 * .random(in: 0.0...1, using: &random) + 700 * .random(in: 0.0...1, using: &random)
        default: .random(in: 20...25, using: &random)
        }
      time = time.advanced(milliseconds: 60_000)
      if known.note(server, host: 5, age: Int64(age * 1e9), idle: 0, at: time) != nil { said += 1 }
    }
    // One in a thousand; of ages that hardly differ one in a hundred.
    #expect(said <= (kind == 3 ? 20 : 2), "\(said)")
  }

  @Test func otherEndsShowNoLimit() {
    // Ages that differ; sessions that begin and end together; the same silence before.
    #expect(causes([7200, 7400, 7000]).allSatisfy { $0.cause != "max_lifetime" })
    #expect(causes([1000, 1005]).allSatisfy { $0.cause != "max_lifetime" })
    #expect(causes([7200, 7200, 7200], apart: 0.2).allSatisfy { $0.cause != "max_lifetime" })
    var packets: [Packet] = []
    for index in 0..<3 {
      var session = SyntheticSession(
        clientPort: 40_000 + UInt16(index),
        start: CaptureTime.testStart.advanced(milliseconds: 400_000 * index))
      for _ in 0..<8 {
        session.wait(seconds: 25)
        session.text(.client, "a")
      }
      session.wait(seconds: 60)
      session.end(.server)
      packets += session.packets
    }
    #expect(analyze(packets).closed.allSatisfy { $0.verdict.cause?.name == "idle_timeout" })
  }

  @Test func whatIsRememberedIsBounded() {
    var known = RecentLifetimes()
    for index in 0..<10_000 {
      let time = CaptureTime.testStart.advanced(milliseconds: 100_000 * index)
      let server = Endpoint(address: IPAddress(ipv4: 1), port: UInt16(index % 7))
      let found = known.note(server, host: nil, age: 7_200_000_000_000, idle: 0, at: time)
      #expect(found?.others ?? 0 == min(index / 7, 16) && found?.isByHost ?? false == false)
    }
  }

  @Test func everyRowNamesItsSource() {
    for row in Lifetime.known { #expect(row.seconds > 0 && !row.name.isEmpty && row.source.contains(",")) }
    #expect(Lifetime.known.map(\.seconds) == Lifetime.known.map(\.seconds).sorted())
  }
}
