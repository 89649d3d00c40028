import HTTP1
import PacketLayers
import SessionTestSupport
import TCPReassembly
import TestSupport
import Testing
import WireBytes

@testable import SessionAnalysis

/// A session through a proxy that makes a new key, both legs of it.
private struct TwoLegs {
  var front: SyntheticSession
  var back: SyntheticSession

  /// The proxy asks the server `apart` later, from an address that nothing else speaks for.
  init(
    number: Int = 0, at start: Int = 0, apart: Int = 5_000_000, proxy: String = "10.0.0.200",
    forwardedFor: String? = nil
  ) {
    let begin = CaptureTime.testStart.advanced(milliseconds: start)
    front = SyntheticSession(
      clientPort: UInt16(40_000 + number), server: TestEndpoint("10.0.0.2", 80), start: begin)
    back = SyntheticSession(
      client: proxy, clientPort: UInt16(50_000 + number), server: TestEndpoint("10.0.0.3", 9000),
      start: CaptureTime(nanoseconds: begin.nanoseconds + Int64(apart)),
      request: forwardedFor.map { ["X-Forwarded-For: \($0)"] } ?? [],
      accept: "HSmrc0sMlYUkAGmm5OPpG2HaGWk=", key: "x3JJHMbDL1EzLkh9GBhXDw==")
  }

  private var later: Int64 { max(front.tcp.now.nanoseconds, back.tcp.now.nanoseconds) }

  /// A message of the client that the proxy passes on after `delay` nanoseconds.
  mutating func text(_ text: String, delay: Int64 = 3_000_000) {
    let now = later + 20_000_000
    front.tcp.now = CaptureTime(nanoseconds: now)
    back.tcp.now = CaptureTime(nanoseconds: now + delay)
    front.text(.client, text)
    back.text(.client, text)
  }

  mutating func texts(_ count: Int, length: Int = 10) {
    for number in 0..<count {
      text(String(("\(number)" + String(repeating: "-", count: length)).prefix(length)))
    }
  }

  /// One that the proxy keeps for itself.
  mutating func dropped(_ text: String) {
    front.tcp.now = CaptureTime(nanoseconds: later + 20_000_000)
    front.text(.client, text)
  }

  mutating func end(backFirst: Bool = false) {
    let (first, second) = (CaptureTime(nanoseconds: later + 100_000_000), Int64(50_000_000))
    front.tcp.now = CaptureTime(nanoseconds: first.nanoseconds + (backFirst ? second : 0))
    back.tcp.now = CaptureTime(nanoseconds: first.nanoseconds + (backFirst ? 0 : second))
    front.end(.client)
    back.end(.client)
  }

  var packets: [Packet] { front.packets + back.packets }

  /// Whether the legs are found to be those of one session, with others in the capture.
  func areFound(among others: [Packet] = []) -> Bool {
    var legs = self
    legs.end()
    return analyze(others + legs.packets).closed.contains { close in
      close.legs.contains(where: \.isFinal)
    }
  }
}

@Suite("Limits of the search for the other leg, at the limit and one beyond")
struct ProxyLegLimitTests {
  private static let tenSeconds = 10_000_000_000

  /// Sessions of their own that say nothing, a millisecond apart.
  private func others(
    _ count: Int, from start: Int = 0, ends: Bool = true, server: (Int) -> TestEndpoint
  ) -> [Packet] {
    (0..<count).flatMap { number in
      // A key of its own, or it would be a leg of the one before.
      let key = String(String(10_000 + number).suffix(4)) + "AAAAAAAAAAAAAAAAAA=="
      var other = SyntheticSession(
        client: "10.1.\(number / 250).\(number % 250 + 1)", server: server(number),
        start: .testStart.advanced(milliseconds: start + number), accept: AcceptKey.accept(for: key), key: key
      )
      if ends { other.end(.client) }
      return other.packets
    }
  }

  @Test(
    "Nanoseconds between the requests of two legs",
    arguments: [(tenSeconds - 1, true), (tenSeconds, true), (tenSeconds + 1, false)])
  func apart(nanoseconds: Int, areFound: Bool) {
    var legs = TwoLegs(apart: nanoseconds)
    legs.texts(3)
    #expect(legs.areFound() == areFound)
  }

  @Test(
    "Nanoseconds that a proxy keeps a message",
    arguments: [(tenSeconds - 1, true), (tenSeconds, true), (tenSeconds + 1, false)])
  func delay(nanoseconds: Int, areFound: Bool) {
    var legs = TwoLegs()
    legs.text("kept for long", delay: Int64(nanoseconds))
    legs.texts(2)
    #expect(legs.areFound() == areFound)
  }

  @Test("Bytes of a message that says whose it is", arguments: [(4, false), (5, true)])
  func telling(length: Int, areFound: Bool) {
    var legs = TwoLegs()
    legs.texts(3, length: length)
    #expect(legs.areFound() == areFound)
  }

  @Test(
    "Messages that say whose they are; two are enough when nothing differs and nothing follows",
    arguments: [(1, 0, false), (2, 0, true), (2, 1, false), (3, 0, true), (3, 1, true)])
  func tellingMessages(count: Int, dropped: Int, areFound: Bool) {
    var legs = TwoLegs()
    for number in 0..<dropped { legs.dropped("dropped \(number)") }
    legs.texts(count)
    #expect(legs.areFound() == areFound)
  }

  @Test("The same message again says nothing more", arguments: [2, 3, 10])
  func repeated(count: Int) {
    var legs = TwoLegs()
    for _ in 0..<count { legs.text("tick of the clock") }
    #expect(!legs.areFound())
  }

  @Test(
    "Messages that match for each one that differs",
    arguments: [(3, 1, true), (3, 2, false), (5, 2, false), (6, 2, true), (8, 3, false), (9, 3, true)])
  func different(matching: Int, dropped: Int, areFound: Bool) {
    var legs = TwoLegs()
    for number in 0..<dropped { legs.dropped("dropped \(number)") }
    legs.texts(matching)
    #expect(legs.areFound() == areFound)
  }

  @Test(
    "Messages in the right order of time for each one that is not",
    arguments: [(9, 1, false), (10, 1, true), (19, 2, false), (20, 2, true)])
  func backwards(count: Int, backwards: Int, areFound: Bool) {
    var legs = TwoLegs()
    for number in 0..<backwards { legs.text("too early \(number)", delay: -1_000_000) }
    legs.texts(count - backwards)
    #expect(legs.areFound() == areFound)
  }

  @Test(
    "Sessions from a new server on that are looked at whatever their addresses",
    arguments: [(62, true), (63, true), (64, false)])
  func sessionsOnTrial(before: Int, areFound: Bool) {
    // The first two are of two servers; the trial that the second one begins includes itself.
    let others = others(before) { $0 == 0 ? TestEndpoint("10.0.0.2", 80) : TestEndpoint("10.0.0.3", 9000) }
    var legs = TwoLegs(at: 1000)
    legs.texts(3)
    // The back leg is number `before` + 2, and the trial goes up to number 65.
    #expect(legs.areFound(among: others) == areFound)
  }

  @Test("Servers that begin such a trial", arguments: [(62, true), (63, true), (64, false)])
  func serversOnTrial(before: Int, areFound: Bool) {
    // Of the last of the known servers there are so many sessions that its trial is over.
    let others = others(before + 70) { number in
      if number == 0 { return TestEndpoint("10.0.0.3", 9000) }
      return TestEndpoint(TestAddress("10.0.2.\(min(number, before - 1))"), 80)
    }
    var legs = TwoLegs(at: 1000)
    legs.texts(3)
    #expect(legs.areFound(among: others) == areFound)
  }

  @Test("Sessions whose messages are remembered", arguments: [(1022, true), (1023, false)])
  func remembered(others count: Int, areFound: Bool) {
    // The second leg comes from where the first one's server is: a sign of a proxy.
    var legs = TwoLegs(proxy: "10.0.0.2")
    let others = others(count, from: 100, ends: false) { _ in TestEndpoint("10.0.0.3", 9000) }
    legs.front.tcp.now = CaptureTime.testStart.advanced(milliseconds: 5000)
    legs.texts(3)
    #expect(legs.areFound(among: others) == areFound)
  }

  // MARK: Which is the front

  /// Sessions of which the client's port and that of the other leg belong together.
  private func pairs(_ packets: [Packet]) -> [UInt16] {
    let heard = analyze(packets)
    let ports = Dictionary(uniqueKeysWithValues: heard.opened.map { ($0.session.number, $0.client.port) })
    return heard.closed.flatMap { close in
      close.legs.filter(\.isFinal).compactMap { leg in
        let (front, back) = leg.sessions(for: close.session.number)
        guard let front = ports[front], let back = ports[back] else { return nil }
        return back == front + 10_000 ? front : nil
      }
    }.sorted()
  }

  @Test(
    "Once a proxy's servers are known, a leg that was captured too early finds its place",
    arguments: [3, 4], [false, true])
  func knownRoute(texts: Int, backFirst: Bool) {
    var first = TwoLegs()
    first.texts(3)
    first.end()
    var second = TwoLegs(number: 1, at: 5000, apart: -5_000_000)
    second.texts(texts)
    second.end(backFirst: backFirst)
    #expect(pairs(first.packets + second.packets) == [40_000, 40_001])
    // Without the first one, the order in which they were captured counts.
    #expect(pairs(second.packets).isEmpty)
  }

  @Test(
    "A field speaks for the client whose address it has",
    arguments: [
      ("10.0.0.1", true), ("192.0.2.1, 10.0.0.1", true), ("for=10.0.0.1;proto=http", true),
      ("10.0.0.11", false),
      ("192.0.2.1", false),
    ])
  func field(forwardedFor: String, areFound: Bool) {
    // Both servers are known for so long that nothing else speaks for the next sessions.
    let others = others(70) { $0 % 2 == 0 ? TestEndpoint("10.0.0.2", 80) : TestEndpoint("10.0.0.3", 9000) }
    // The first one is the sign that there is a proxy.
    var legs = [5000, 10_000].enumerated().map { number, start in
      TwoLegs(number: number, at: start, forwardedFor: forwardedFor)
    }
    for index in legs.indices {
      legs[index].texts(3)
      legs[index].end()
    }
    #expect(pairs(others + legs.flatMap(\.packets)) == (areFound ? [40_001] : []))
  }

  @Test("Of sessions that say the same, the one whose turn it is", arguments: [false, true])
  func turn(backFirst: Bool) {
    var (first, second) = (TwoLegs(), TwoLegs(number: 1, at: 2))
    first.texts(3)
    second.texts(3)
    second.end(backFirst: backFirst)
    first.front.tcp.now = second.front.tcp.now.advanced(milliseconds: 500)
    first.end()
    #expect(pairs(first.packets + second.packets) == [40_000, 40_001])
  }

  // MARK: What is kept of a session

  private func message(_ number: Int, _ hash: UInt64?, bytes: UInt64 = 5) -> MessageFingerprint {
    MessageFingerprint(
      number: UInt64(number), hash: hash, bytes: bytes, at: CaptureTime(nanoseconds: Int64(number)))
  }

  private func log(_ session: UInt64 = 1, start: Int64 = 0) -> ProxyLegCandidate {
    let end = Endpoint(address: IPAddress(ipv4: 1), port: 1)
    let start = CaptureTime(nanoseconds: start)
    let trace = SessionTrace(
      SessionReference(number: session, start: start), client: end, server: end, handshake: nil)
    return ProxyLegCandidate(trace, start: start, startsLate: false, isOnTrial: true)
  }

  @Test func eightFirstWordsAreListedOfThoseThatTellSomething() {
    let log = log()
    #expect(log.addFirstWord(message(1, 1, bytes: 4)) == nil)
    #expect(log.addFirstWord(message(1, nil)) == nil)
    #expect(log.addFirstWord(message(1, 7)) == 7)
    #expect(log.addFirstWord(message(2, 7)) == nil)
    for number in 1..<8 as Range<UInt64> { #expect(log.addFirstWord(message(3, 10 + number)) == 10 + number) }
    #expect(log.addFirstWord(message(4, 99)) == nil)
    #expect(log.firstWords == [7, 11, 12, 13, 14, 15, 16, 17])
  }

  @Test(
    "Of two that began at the same time, the one with the lower number began first",
    arguments: [
      (1, 5, 2, 5, true), (2, 5, 1, 5, false), (1, 5, 1, 5, false), (2, 4, 1, 5, true), (1, 6, 2, 5, false),
    ] as [(UInt64, Int64, UInt64, Int64, Bool)])
  func order(_ one: UInt64, _ start: Int64, _ other: UInt64, _ otherStart: Int64, isFirst: Bool) {
    #expect(log(one, start: start).begins(before: log(other, start: otherStart)) == isFirst)
  }

  @Test func eachSidesMessagesAreCountedAndKeptApart() {
    let log = log()
    #expect((1...3).map { _ in log.nextNumber(of: .client) } == [1, 2, 3])
    #expect(log.nextNumber(of: .server) == 1)
    log.add(message(1, 5), from: .client)
    log.add(message(1, 6), from: .server)
    log.add(message(2, 7), from: .server)
    #expect(log.messages(of: .client).map(\.hash) == [5])
    #expect(log.messages(of: .server).map(\.hash) == [6, 7])
    log.forgetMessages()
    #expect(log.count == 0 && log.startsLate && log.firstWords.isEmpty)
  }

  // MARK: What waits

  @Test(
    "Messages of one leg that wait for the other",
    arguments: [(255, 255, 0), (256, 256, 0), (257, 256, 1)] as [(Int, Int, UInt64)], [false, true])
  func waiting(_ limit: (sent: Int, waiting: Int, different: UInt64), onFront: Bool) {
    var alignment = LegAlignment(side: .client, mayStartLate: false)
    for number in 1...limit.sent { alignment.receive(message(number, UInt64(number)), onFront: onFront) }
    #expect(alignment.waiting == limit.waiting)
    #expect(alignment.differenceCount == limit.different)
    #expect(
      alignment.differences.map { (onFront ? $0.front : $0.back)?.number } == (limit.different > 0 ? [1] : [])
    )
  }

  @Test("Differences that are listed", arguments: [(15, 15), (16, 16), (17, 16)])
  func listed(different: Int, listed: Int) {
    var alignment = LegAlignment(side: .client, mayStartLate: false)
    for number in 1...different { alignment.receive(message(number, UInt64(number)), onFront: true) }
    alignment.finish(isWhole: true)
    #expect(alignment.differenceCount == UInt64(different))
    #expect(alignment.differences.map { $0.front?.number } == (1...listed).map { UInt64($0) })
  }
}
