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
          #1 upgrade rejected with 426 Upgrade Required
             refused by the server with 426 in packet 11 (#2); the proxy passed that on in packet 14 (#1)
             the leg between the client and a proxy; #2 is the other one, inferred from their requests
             the proxy passes on HTTP/1.0 (was HTTP/1.1)
             the proxy passes on no Upgrade (was "websocket")
             the proxy passes on Host "b\x1b[31m" (was "a.example")
             the server answers with Sec-WebSocket-Protocol "chat", the proxy with none
        """#,
      json: #"""
        {"event":"session_close","session":1,"time":"2026-11-20T09:13:03.248456789Z","packet":273,"duration":60.123,"closed_by":"client","how":"fin","code":null,"verdict":"upgrade rejected with 426 Upgrade Required","evidence":["packet 6: HTTP status 426","FIN from both sides, first from the client; the second in packet 273"],"cause":null,"client":{"messages":0,"frames":0,"bytes":0,"wire_bytes":0,"pings":0,"pongs":0,"stream_bytes":0,"lost_bytes":0,"unexplained_bytes":0},"server":{"messages":0,"frames":0,"bytes":0,"wire_bytes":0,"pings":0,"pongs":0,"stream_bytes":0,"lost_bytes":0,"unexplained_bytes":0},"legs":[{"of":2,"role":"front","by":"request","inferred":true,"final":true,"matched":0,"not_compared":0,"lost_bytes":0,"delay":{"to_server":null,"to_client":null},"difference_count":0,"differences":[],"handshake_differences":[{"field":null,"from":"client","front":"HTTP/1.1","back":"HTTP/1.0","breaks_upgrade":true},{"field":"Upgrade","from":"client","front":"websocket","back":null,"breaks_upgrade":true},{"field":"Host","from":"client","front":"a.example","back":"b\u001b[31m","breaks_upgrade":false},{"field":"Sec-WebSocket-Protocol","from":"server","front":null,"back":"chat","breaks_upgrade":false}],"refusal":{"verdict":"refused by the server with 426 in packet 11 (#2); the proxy passed that on in packet 14 (#1)","front":{"status":426,"packet":14},"back":{"status":426,"packet":11}}}],"lost_bytes":0,"unexplained_bytes":0}
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
          #1 upgrade rejected with 504 Gateway Timeout
             the server did not answer what the proxy asked in packet 8 (#2); the proxy answered with 504 in packet 14 (#1)
             the leg between the client and a proxy; #2 is the other one, inferred from their requests
        """#,
      json: #"""
        {"event":"session_close","session":1,"time":"2026-11-20T09:13:03.248456789Z","packet":273,"duration":60.123,"closed_by":"client","how":"fin","code":null,"verdict":"upgrade rejected with 504 Gateway Timeout","evidence":["packet 6: HTTP status 504","FIN from both sides, first from the client; the second in packet 273"],"cause":null,"client":{"messages":0,"frames":0,"bytes":0,"wire_bytes":0,"pings":0,"pongs":0,"stream_bytes":0,"lost_bytes":0,"unexplained_bytes":0},"server":{"messages":0,"frames":0,"bytes":0,"wire_bytes":0,"pings":0,"pongs":0,"stream_bytes":0,"lost_bytes":0,"unexplained_bytes":0},"legs":[{"of":2,"role":"front","by":"request","inferred":true,"final":true,"matched":0,"not_compared":0,"lost_bytes":0,"delay":{"to_server":null,"to_client":null},"difference_count":0,"differences":[],"refusal":{"verdict":"the server did not answer what the proxy asked in packet 8 (#2); the proxy answered with 504 in packet 14 (#1)","front":{"status":504,"packet":14},"back":{"status":null,"packet":8}}}],"lost_bytes":0,"unexplained_bytes":0}
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
          #1 upgrade rejected with 502 Bad Gateway
             perhaps upstream 10.0.0.1:9001 refused the connection (RST in answer to SYN, packet 6); perhaps upstream 10.0.0.1:9002 did not answer 3 SYNs (packets 5 to 9); … 5 connections in all
        """#,
      json: #"""
        {"event":"session_close","session":1,"time":"2026-11-20T09:13:03.248456789Z","packet":273,"duration":60.123,"closed_by":"client","how":"fin","code":null,"verdict":"upgrade rejected with 502 Bad Gateway, perhaps upstream 10.0.0.1:9001 refused the connection (RST in answer to SYN, packet 6); perhaps upstream 10.0.0.1:9002 did not answer 3 SYNs (packets 5 to 9); … 5 connections in all","evidence":["packet 6: HTTP status 502","FIN from both sides, first from the client; the second in packet 273"],"cause":"upstream_unanswered","client":{"messages":0,"frames":0,"bytes":0,"wire_bytes":0,"pings":0,"pongs":0,"stream_bytes":0,"lost_bytes":0,"unexplained_bytes":0},"server":{"messages":0,"frames":0,"bytes":0,"wire_bytes":0,"pings":0,"pongs":0,"stream_bytes":0,"lost_bytes":0,"unexplained_bytes":0},"upstream":{"inferred":true,"count":5,"connections":[{"client":{"ip":"2001:db8::1","port":8080},"server":{"ip":"10.0.0.1","port":9001},"answer":"rst","syns":1,"first_packet":5,"last_packet":6},{"client":{"ip":"2001:db8::1","port":8080},"server":{"ip":"10.0.0.1","port":9002},"answer":null,"syns":3,"first_packet":5,"last_packet":9}]},"lost_bytes":0,"unexplained_bytes":0}
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
