import TCPReassembly
import WireBytes

@testable import SessionAnalysis

extension PrinterCase {
  /// What proxies did to requests that were refused.
  static let refusedLegs: [PrinterCase] = [
    PrinterCase(
      "a request whose upgrade a proxy did not pass on",
      Sample.closed(handshake: Sample.handshake(Sample.request, ["HTTP/1.1 426 Upgrade Required"])) {
        ($0.client, $0.server) = (SideSummary(), SideSummary())
        $0.legs = [
          leg(
            isFront: true,
            [
              HandshakeDifference(field: nil, side: .client, front: "HTTP/1.1", back: "HTTP/1.0"),
              HandshakeDifference(field: "Upgrade", side: .client, front: "websocket", back: nil),
              HandshakeDifference(field: "Host", side: .client, front: "a.example", back: "b\u{1B}[31m"),
              HandshakeDifference(
                field: "Sec-WebSocket-Protocol", side: .server, front: nil, back: "chat"),
            ],
            LegsRefusal(
              front: LegsRefusal.Answer(status: 426, packet: 14),
              back: LegsRefusal.Answer(status: 426, packet: 11)))
        ]
      },
      text: #"""
        """#,
      json: #"""
        """#),
    PrinterCase(
      "a request that a server behind the proxy did not answer",
      Sample.closed(handshake: Sample.handshake(Sample.request, ["HTTP/1.1 504 Gateway Timeout"])) {
        ($0.client, $0.server) = (SideSummary(), SideSummary())
        $0.legs = [
          leg(
            isFront: true, [],
            LegsRefusal(
              front: LegsRefusal.Answer(status: 504, packet: 14),
              back: LegsRefusal.Answer(status: nil, packet: 8)))
        ]
      },
      text: #"""
        """#,
      json: #"""
        """#),
    PrinterCase(
      "a request for which a proxy could not reach its server",
      Sample.closed(handshake: Sample.handshake(Sample.request, ["HTTP/1.1 502 Bad Gateway"])) {
        ($0.client, $0.server) = (SideSummary(), SideSummary())
        $0.upstreamFailure = UpstreamFailure(
          connections: [
            failed(9001, refused: true), failed(9002, refused: false),
          ], count: 5, before: nil, isInferred: true)
      },
      text: #"""
        """#,
      json: #"""
        """#),
  ]

  private static func failed(_ port: UInt16, refused: Bool) -> FailedConnection {
    FailedConnection(
      initiator: Sample.server, responder: Endpoint(address: Sample.client.address, port: port),
      syns: refused ? 1 : 3,
      firstPacket: 5, firstTime: Sample.at(5).time, lastPacket: refused ? 6 : 9, lastTime: Sample.at(6).time,
      isRefused: refused)
  }

  private static func leg(
    isFront: Bool, _ differences: [HandshakeDifference], _ refusal: LegsRefusal
  ) -> LegComparison {
    var leg = LegComparison(
      of: 2, isFront: isFront, basis: .request, isFinal: true, matched: 0, notCompared: 0,
      differenceCount: 0, differences: [], lostBytes: 0, toServer: Distribution(), toClient: Distribution())
    (leg.handshakeDifferences, leg.refusal) = (differences, refusal)
    return leg
  }
}
