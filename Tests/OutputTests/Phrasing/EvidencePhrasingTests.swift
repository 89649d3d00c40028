import Testing

@testable import Output
@testable import SessionAnalysis
@testable import TCPReassembly

@Suite("What a verdict rests on, line by line")
struct EvidencePhrasingTests {
  private static let time = "2026-11-20T09:12:03.123456789Z"

  @Test(
    arguments: [
      (
        .recognised(packet: 3, lacking: .handshake, by: "4 frames"),
        "packet 3: no handshake captured; inferred from 4 frames"
      ),
      (
        .recognised(packet: 3, lacking: .response, by: "4 frames"),
        "packet 3: no complete response to the upgrade request captured; inferred from 4 frames"
      ),
      (.status(403, packet: 6), "packet 6: HTTP status 403"),
      (
        .lastBytes(from: .server, packet: 261, before: 60_000_000_000),
        "packet 261: the last bytes, from the server, 60.0 s earlier"
      ),
      (
        .lastBytes(from: .client, packet: 261, before: 3_140_000),
        "packet 261: the last bytes, from the client, 3.1 ms earlier"
      ),
      (.fin(from: .server, packet: 271), "packet 271: FIN from the server"),
      (.oneFin(from: .client, packet: 271), "packet 271: FIN from the client, none from the server"),
      (
        .bothFins(first: .client, firstPacket: nil, secondPacket: 273),
        "FIN from both sides, first from the client; the second in packet 273"
      ),
      (
        .bothFins(first: nil, firstPacket: nil, secondPacket: 273),
        "FIN from both sides; the second in packet 273"
      ),
      (
        .bothFins(first: .server, firstPacket: 271, secondPacket: 273),
        "FIN from the server in packet 271, from the client in packet 273"
      ),
      (
        .close(SentClose(side: .client, code: 1000), reason: "bye", packet: 270),
        "packet 270: Close 1000 (normal closure) \"bye\" from the client"
      ),
      (
        .close(SentClose(side: .server, code: nil), reason: "", packet: 270),
        "packet 270: Close without a status code from the server"
      ),
      (
        .crossing(packet: 270, laterPacket: 271),
        "the Close in packet 271 does not acknowledge the one in packet 270: they crossed (inferred)"
      ),
      (
        .bytesAfterFin(from: .client, packet: 272),
        "packet 272: the last bytes from the client, sent after that"
      ),
      (
        .openPings(1, of: .server, lastPacket: 200),
        "1 ping from the server unanswered, the last in packet 200"
      ),
      (
        .openPings(3, of: .client, lastPacket: 200),
        "3 pings from the client unanswered, the last in packet 200"
      ),
      (
        .unacknowledged(UnconfirmedBytes(bytes: 77, repetitions: 5, time: 3_100_000_000), of: .server),
        "77 bytes from the server never acknowledged, retransmitted 5 times within 3.1 s"
      ),
      (
        .closedWindow(of: .client, for: 5_000_000_000, packet: 28),
        "packet 28: the receive window of the client became zero, and stayed so to the end, for 5.0 s"
      ),
      (
        .objection(Objection(.server, .noRuleBroken(nil))),
        "nothing that the server sent breaks a rule of framing"
      ),
      (
        .objection(Objection(.server, .noRuleBroken(Objection.Oddity(.segments(2), packet: 12)))),
        "nothing that the server sent breaks a rule of framing; its frame in packet 12 came in two segments"
      ),
      (
        .objection(Objection(.client, .noRuleBroken(Objection.Oddity(.frames(3), packet: 12)))),
        "nothing that the client sent breaks a rule of framing; its message in packet 12 came in 3 frames"
      ),
      (
        .objection(Objection(.client, .noRuleBroken(Objection.Oddity(.compressed, packet: 12)))),
        "nothing that the client sent breaks a rule of framing; its message in packet 12 was compressed"
      ),
      (.objection(Objection(.client, .lastMessage(.binary))), "the last message from the client is binary"),
      (.objection(Objection(.client, .lastMessage(nil))), "the client sent no message"),
      (.objection(Objection(.client, .allTextValid)), "all text that the client sent is valid UTF-8"),
      (
        .objection(Objection(.client, .largest(70_000))),
        "the largest message from the client has 70000 bytes"
      ),
      (.reset(from: .client, packet: 273), "packet 273: RST from the client"),
      (.reset(from: nil, packet: 273), "packet 273: RST"),
      (.newConnection(packet: 280), "packet 280: SYN of a new connection between the same endpoints"),
      (
        .captureEnded(lastPacket: Sample.start),
        "the capture ended; last packet of the connection at \(time)"
      ),
      (.evicted(lastPacket: Sample.start), "last packet of the connection at \(time)"),
    ] as [(Evidence, String)])
  func line(_ evidence: Evidence, _ line: String) {
    #expect(evidence.line == line)
  }
}
