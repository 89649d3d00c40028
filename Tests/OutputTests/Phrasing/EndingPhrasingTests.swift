import Testing

@testable import Output
@testable import SessionAnalysis

@Suite("How a session ended, in a sentence")
struct EndingPhrasingTests {
  private static let close = SentClose(side: .client, code: 1000)
  private static let goingAway = SentClose(side: .server, code: 1001)

  @Test(
    arguments: [
      (.rejected(status: 403, reason: "Forbidden"), "upgrade rejected with 403 Forbidden"),
      (.rejected(status: 503, reason: ""), "upgrade rejected with 503"),
      (
        .cutResponse(status: 101),
        "only the start of the response to the upgrade request was captured (status 101)"
      ),
      (.unanswered(nil), "no response to the upgrade request was captured"),
      (
        .unanswered(VerdictEnding.TCPEnd(isReset: true, side: .client, after: 3_040_000_000)),
        "no response to the upgrade request was captured; reset by the client 3.0 s after the request"
      ),
      (
        .unanswered(VerdictEnding.TCPEnd(isReset: false, side: .server, after: 1_500_000)),
        "no response to the upgrade request was captured; TCP closed by the server 1.5 ms after the request"
      ),
      (.closeHandshake(close, objection: nil), "closed by the client with 1000 (normal closure)"),
      (
        .closeHandshake(SentClose(side: .server, code: nil, isCodeLost: true), objection: nil),
        "closed by the server with a status code that was not captured"
      ),
      (
        .closeHandshake(SentClose(side: .server, code: nil), objection: nil),
        "closed by the server without a status code"
      ),
      (
        .closeHandshake(
          SentClose(side: .client, code: 4001),
          objection: VerdictEnding.Objection(code: 1002, rule: "invalid_close_code", packet: 10)),
        "closed by the client with 4001, answered with 1002 (protocol error) after invalid_close_code in packet 10"
      ),
      (
        .closeHandshake(close, objection: VerdictEnding.Objection(code: 1007, rule: nil, packet: 0)),
        "closed by the client with 1000 (normal closure), answered with 1007 (invalid frame payload data)"
      ),
      (
        .crossingCloses(
          client: SentClose(side: .client, code: 1000), server: SentClose(side: .server, code: 1000)),
        "closed by both sides at once, with 1000 (normal closure)"
      ),
      (
        .crossingCloses(
          client: SentClose(side: .client, code: 1000), server: SentClose(side: .server, code: nil)),
        "closed by both sides at once, by the client with 1000 (normal closure), by the server without a status code"
      ),
      (
        .closeUnanswered(goingAway, isReset: false, by: .client),
        "closed by the server with 1001 (going away); the client never answered before TCP was closed by the client"
      ),
      (
        .closeUnanswered(goingAway, isReset: false, by: .server, outOfStep: 18),
        "closed by the server with 1001 (going away); no answer from the client, which may have taken the Close for "
          + "payload (out_of_step by the server in packet 18), before TCP was closed by the server"
      ),
      (
        .closeUnanswered(goingAway, isReset: true, by: nil),
        "closed by the server with 1001 (going away); the client never answered before the connection was reset"
      ),
      (
        .fin(by: .server, late: nil),
        "TCP closed by the server without a Close frame (a browser reports 1006)"
      ),
      (.fin(by: nil, late: nil), "TCP closed without a Close frame (a browser reports 1006)"),
      (
        .fin(by: .server, late: close),
        "TCP closed by the server without a Close frame (a browser reports 1006), then a Close with 1000 (normal closure) from the client"
      ),
      (
        .reset(by: .client, fin: nil, late: nil),
        "TCP reset by the client without a Close frame (a browser reports 1006)"
      ),
      (.reset(by: nil, fin: nil, late: nil), "TCP reset without a Close frame (a browser reports 1006)"),
      (
        .reset(by: .server, fin: nil, late: nil, isOnTheWay: true),
        "TCP reset, most likely by the host that translates addresses and not by the server, without a Close frame "
          + "(a browser reports 1006)"
      ),
      (
        .reset(by: .server, fin: .server, late: nil),
        "TCP closed by the server without a Close frame (a browser reports 1006), then reset by the server"
      ),
      (
        .reset(by: .client, fin: .server, late: close),
        "TCP closed by the server without a Close frame (a browser reports 1006), then reset by the client, then a Close with 1000 (normal closure) from the client"
      ),
      (.open(.untouched, isReplaced: false), "still open when the capture ended"),
      (
        .open(.untouched, isReplaced: true), "its end was not captured: a new connection took its place"
      ),
      (
        .open(.closing(close), isReplaced: false),
        "closed by the client with 1000 (normal closure), not answered when the capture ended"
      ),
      (
        .open(.closing(close), isReplaced: true),
        "closed by the client with 1000 (normal closure), not answered; its end was not captured: a new connection took its place"
      ),
      (
        .open(.halfClosed(by: .client, late: nil), isReplaced: false),
        "half-closed by the client without a Close frame; the server's side was still open when the capture ended"
      ),
      (
        .open(.halfClosed(by: .client, late: goingAway), isReplaced: true),
        "half-closed by the client without a Close frame, then a Close with 1001 (going away) from the server; its end was not captured: a new connection took its place"
      ),
      (.evicted, "evicted: no packet for too long, or too many connections"),
    ] as [(VerdictEnding, String)])
  func sentence(_ ending: VerdictEnding, _ sentence: String) {
    #expect(ending.sentence == sentence)
  }
}
