import SessionTestSupport
import TestSupport
import Testing
import WireBytes

@testable import Sessions

@Suite("Connections that are captured before and after address translation")
struct TranslatedConnectionsTests {
  private static let outside = TestEndpoint("203.0.113.77", 8080)
  private static let inside = TestEndpoint("10.0.0.2", 80)

  /// The packets of a session, with an end or without one, from a point of capture.
  private static func session(
    _ sequences: (client: UInt32, server: UInt32), _ server: TestEndpoint, port: UInt16 = 40_000,
    after microseconds: Int64, ends: Bool = true
  ) -> [Packet] {
    var start = CaptureTime.testStart
    start.nanoseconds += microseconds * 1000
    var tcp = TCPConversation(
      client: TestEndpoint("10.0.0.1", port), server: server, clientSequence: sequences.client,
      serverSequence: sequences.server, start: start)
    tcp.upgrade()
    tcp.text(from: .client, "hello")
    if ends { tcp.close() }
    return tcp.packets
  }

  /// Initial sequence numbers that have the place of these: of the server's only the threefold counts.
  private static func collision(with sequences: (client: UInt32, server: UInt32)) -> (UInt32, UInt32) {
    let server = sequences.server &+ 1000
    return (sequences.client ^ sequences.server &* 3 ^ server &* 3, server)
  }

  private static let first: (client: UInt32, server: UInt32) = (1000, 5000)

  @Test("One that is captured twice is one session, whichever copy comes first")
  func twice() {
    for (a, b) in [(Self.inside, Self.outside), (Self.outside, Self.inside)] {
      let heard = analyze(Self.session(Self.first, a, after: 0) + Self.session(Self.first, b, after: 20))
      #expect(heard.opened.count == 1)
      #expect(heard.rules.contains("address_translated"))
      #expect(heard.closed.first?.client.messages == 1)
    }
  }

  @Test(
    "A session that takes the place of another one is recognized, and the other one's copy is a session of its own"
  )
  func collision() {
    let second = Self.collision(with: Self.first)
    let own =
      Self.session(Self.first, Self.inside, after: 0, ends: false)
      + Self.session(second, Self.inside, port: 40_001, after: 10_000, ends: false)
    let copyOfSecond = Self.session(second, Self.outside, port: 40_001, after: 10_020, ends: false)
    let copyOfFirst = Self.session(Self.first, Self.outside, after: 20_000, ends: false)
    #expect(analyze(own).opened.count == 2)
    #expect(analyze(own + copyOfSecond).opened.count == 2)
    #expect(analyze(own + copyOfSecond + copyOfFirst).opened.count == 3)
  }

  @Test("The end of a session does not make another one forgotten that has its place")
  func end() {
    let second = Self.collision(with: Self.first)
    // The second request comes before the end of the first session, and its copy after that.
    let packets =
      Self.session(Self.first, Self.inside, after: 0)
      + Self.session(second, Self.inside, port: 40_001, after: 3000, ends: false)
      + Self.session(second, Self.outside, port: 40_001, after: 50_000, ends: false)
    let heard = analyze(packets)
    #expect(heard.opened.count == 2)
    #expect(heard.rules.count { $0 == "address_translated" } == 1)
  }
}
