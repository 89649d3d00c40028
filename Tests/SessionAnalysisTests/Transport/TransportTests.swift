import Output
import SessionTestSupport
import TCPReassembly
import TestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import Sessions

/// What is said of the way that a message took.
@Suite("What TCP did to messages")
struct TransportTests {
  private static let millisecond: Int64 = 1_000_000

  private func heard(_ packets: [Packet], all: Bool = false) -> Heard {
    analyze(
      packets,
      needs: EventNeeds(
        payloadBytes: 1 << 20, controlBytes: 1 << 20, transport: all ? .all : .remarkable))
  }

  /// The packet at `index`, so many milliseconds later than the session's last one.
  private func again(_ index: Int, after milliseconds: Int64, _ session: SyntheticSession) -> Packet {
    var packet = session.packets[index]
    packet.time.nanoseconds = session.tcp.now.nanoseconds + milliseconds * Self.millisecond
    return packet
  }

  @Test func ofAMessageInOnePacketNothingIsSaidUnlessAsked() throws {
    var session = SyntheticSession()
    session.text(.client, "hello")
    session.end(.client)
    #expect(heard(session.packets).transports == [nil])
    let told = try #require(heard(session.packets, all: true).transports.first ?? nil)
    #expect(told.firstPacket == 6)
    #expect(told.lastPacket == 6)
    #expect(told.duration == 0)
    #expect(told.retransmittedBytes == 0 && told.waited == 0 && !told.zeroWindow)
  }

  @Test func aMessageKnowsItsPacketsAndTheTimeBetween() throws {
    var session = SyntheticSession()
    session.text(.server, String(repeating: "x", count: 4000))
    session.end(.server)
    let told = try #require(heard(session.packets, all: true).transports.first ?? nil)
    #expect(told.firstPacket == 6)
    #expect(told.lastPacket == 8)
    #expect(told.duration == 2 * Self.millisecond)
  }

  @Test func bytesThatCameTwiceAreCounted() throws {
    var session = SyntheticSession()
    session.text(.server, String(repeating: "x", count: 4000))
    var packets = session.packets
    // The second segment comes once more before the third.
    var copy = packets[6]
    copy.time.nanoseconds = packets[6].time.nanoseconds + 500_000_000
    packets.insert(copy, at: 7)
    packets[8].time.nanoseconds = copy.time.nanoseconds + Self.millisecond
    let told = try #require(heard(packets).transports.first ?? nil)
    #expect(told.retransmittedBytes == 1448)
    #expect(told.lateBytes == 0)
    #expect(told.duration == 502 * Self.millisecond)
    #expect(heard(packets).retransmissions.isEmpty)
    let event = try #require(heard(packets, all: true).retransmissions.first)
    #expect(event.position.packet == 8)
    #expect(event.bytes == 1448)
    #expect(event.side == .server)
    #expect(!event.wasAcknowledged)
  }

  @Test func aMessageBehindAHoleWaited() throws {
    var session = SyntheticSession()
    session.text(.client, "one")
    session.text(.client, "two")
    session.text(.client, "three")
    // The first message is lost before it is captured, and sent again after a timeout.
    var packets = session.packets
    packets[5] = again(5, after: 200, session)
    let told = heard(packets).transports
    #expect(told.count == 3)
    let first = try #require(told[0])
    #expect(first.waited == 0)
    #expect(first.lateBytes == 9)
    #expect(first.presumedRetransmittedBytes == 9)
    let second = try #require(told[1])
    #expect(second.lateBytes == 0)
    #expect(second.waited == 202 * Self.millisecond)
    #expect(try #require(told[2]).waited == 201 * Self.millisecond)
  }

  @Test func aMessageWithALatePartEndsWithThePacketThatFilledIt() throws {
    var session = SyntheticSession()
    session.text(.server, String(repeating: "x", count: 4000))
    var packets = session.packets
    packets[6] = again(6, after: 300, session)
    let told = try #require(heard(packets).transports.first ?? nil)
    #expect(told.firstPacket == 6)
    #expect(told.lastPacket == 8)
    #expect(told.duration == 303 * Self.millisecond)
    #expect(told.lateBytes == 1448)
    #expect(told.waited == 301 * Self.millisecond)
  }

  @Test("A message that had to wait for room says so, the ones around it do not")
  func zeroWindow() throws {
    var session = SyntheticSession()
    session.text(.server, "before")
    session.tcp.window = 0
    session.tcp.acknowledge(from: .client)
    session.wait(seconds: 2)
    session.tcp.window = 1000
    session.tcp.acknowledge(from: .client)
    session.text(.server, "blocked")
    session.text(.server, "after")
    let heard = heard(session.packets)
    #expect(heard.transports.count == 3)
    #expect(heard.transports[0] == nil)
    let told = try #require(heard.transports[1])
    #expect(told.zeroWindow)
    #expect(told.zeroWindowTime == 2_001 * Self.millisecond)
    #expect(heard.transports[2] == nil)
    let summary = try #require(heard.closed.first?.transport).summary(of: .server)
    #expect(summary.zeroWindows == 1)
    #expect(summary.zeroWindowTime == 2_001 * Self.millisecond)
  }

  @Test func aSessionSumsUpItsSides() throws {
    var session = SyntheticSession()
    session.text(.client, "one")
    session.tcp.acknowledge(from: .server)
    session.text(.client, "two")
    let packets = session.packets + [again(7, after: 250, session)]
    let transport = try #require(heard(packets).closed.first?.transport)
    let client = transport.summary(of: .client)
    #expect(client.retransmissions == 1)
    #expect(client.retransmittedBytes == 9)
    #expect(client.spuriousBytes == 0)
    #expect(client.ending?.handshakeRoundTrip == Self.millisecond)
    // The upgrade and the first message; the second one was sent twice.
    #expect(client.ending?.roundTrips.count == 2)
    #expect(client.ending?.unconfirmed?.bytes == 9)
    #expect(transport.summary(of: .server).retransmissions == 0)
    #expect(transport.summary(of: .server).ending?.handshakeRoundTrip == Self.millisecond)
  }

  @Test func whatNoMessageTakesIsBounded() {
    var session = SyntheticSession()
    session.frame(.server, .text, Array(repeating: 0x78, count: 60_000))
    var packets = Array(session.packets.prefix(5))
    // A long message backwards, each segment twenty times, and the last one never.
    for (index, packet) in session.packets.dropFirst(5).dropLast().reversed().enumerated() {
      for copy in 0..<20 {
        var packet = packet
        packet.time.nanoseconds =
          session.tcp.now.nanoseconds + Int64(index * 20 + copy) * 10 * Self.millisecond
        packets.append(packet)
      }
    }
    let heard = heard(packets)
    #expect(heard.closed.count == 1)
    #expect(heard.closed.first?.transport?.summary(of: .server).retransmissions ?? 0 > 500)
  }

  @Test func withoutInterestNothingIsTold() {
    var session = SyntheticSession()
    session.text(.client, "one")
    let heard = analyze(session.packets + [again(5, after: 250, session)])
    #expect(heard.transports == [nil])
    #expect(heard.closed.first?.transport?.summary(of: .client).retransmissions ?? 0 == 0)
  }

  // MARK: The end

  @Test func aSideThatSendsInVainIsNamed() throws {
    var session = SyntheticSession()
    session.text(.client, "one")
    session.tcp.acknowledge(from: .server)
    session.text(.client, "two")
    var packets = session.packets
    for exponent in 0..<6 { packets.append(again(7, after: 200 << Int64(exponent), session)) }
    for closing in [analyze(packets).closed.first, heard(packets).closed.first] {
      let verdict = try #require(closing).verdict
      #expect(verdict.sentence.contains("the server had stopped acknowledging"), "\(verdict.sentence)")
      #expect(
        verdict.evidenceLines.contains(
          "9 bytes from the client never acknowledged, retransmitted 6 times within 6.2 s"),
        "\(verdict.evidenceLines)")
    }
  }

  @Test func twoRepetitionsProveNothing() throws {
    var session = SyntheticSession()
    session.text(.client, "one")
    var packets = session.packets
    for exponent in 0..<2 { packets.append(again(5, after: 200 << Int64(exponent), session)) }
    let verdict = try #require(analyze(packets).closed.first).verdict
    #expect(!verdict.sentence.contains("acknowledge"))
  }

  @Test(
    "A connection of which one side is closed when the capture ends is half-closed",
    arguments: Side.allCases)
  func halfClosed(_ side: Side) throws {
    var session = SyntheticSession()
    session.text(.client, "one")
    session.fin(side)
    session.text(side.peer, "two")
    let verdict = try #require(analyze(session.packets).closed.first).verdict
    #expect(verdict.how == .captureEnd)
    #expect(verdict.sentence.contains("half-closed by the \(side.name)"), "\(verdict.sentence)")
    #expect(
      verdict.evidenceLines.contains("packet 7: FIN from the \(side.name), none from the \(side.peer.name)"))
  }

  @Test(
    "The evidence says after what the first FIN or RST came, and how long after", arguments: [false, true])
  func afterWhat(isReset: Bool) throws {
    var session = SyntheticSession()
    session.text(.client, "one")
    session.text(.server, "two")
    session.wait(seconds: 12)
    if isReset { session.rst(.server) } else { session.end(.server) }
    let verdict = try #require(analyze(session.packets).closed.first).verdict
    #expect(verdict.closedBy == .server)
    #expect(verdict.idle == 12_001 * Self.millisecond)
    #expect(
      verdict.evidenceLines.contains("packet 7: the last bytes, from the server, 12.0 s earlier"),
      "\(verdict.evidenceLines)")
  }
}
