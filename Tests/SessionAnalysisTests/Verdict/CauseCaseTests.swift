import Output
import SessionTestSupport
import Testing

@testable import SessionAnalysis

@Suite("Captures of ends whose cause needs the evidence weighed")
struct CauseCaseTests {
  private func heard(_ name: String) throws -> Heard { analyze(try packets(ofCase: name)) }

  @Test(
    "What led to the end",
    arguments: [
      (
        "old-violation-hides-idle-timeout", "idle_timeout",
        "after 60.0 s without a byte: perhaps an idle timeout"
      ),
      ("tolerated-unmasked-hides-idle-timeout", "idle_timeout", "nginx proxy_read_timeout"),
      ("sixteenth-of-twenty-named", "violation", "after unmasked_client_frame by the client in packet 46"),
      (
        "1008-token-expired-blamed-on-key", "close_reason",
        #"with 1008 (policy violation), reason in the Close: "token expired""#
      ),
      (
        "rst-on-first-packet-after-silence", "connection_forgotten",
        "in answer to packet 12, the first bytes after 400.0 s of silence: perhaps something in between had forgotten the "
          + "connection (known for it: Azure Load Balancer after 240 s, AWS NLB and NAT gateway after 350 s, NAT tables), or the "
          + "server had been restarted"
      ),
      (
        "beats-stop-actioncable", "heartbeat_stopped",
        "6.2 s after the last of the server's heartbeats, which had come every 3.0 s"
      ),
      ("pong-with-other-payload", "violation", "after pong_payload_differs by the server in packet 18"),
      ("silence-shorter-than-before", nil, "TCP closed by the server without a Close frame"),
      (
        "tcp-keepalive-unanswered", "peer_vanished",
        "after 9 keep-alive probes from the server without an answer within 600.0 s: the client was gone"
      ),
      (
        "no-subprotocol-not-tied-to-end", "no_subprotocol",
        #"TCP closed by the client without a Close frame (a browser reports 1006), at once: it had offered "binary" and the "#
          + "server selected no subprotocol (browsers must fail the connection then)"
      ),
    ] as [(String, String?, String)])
  func cause(name: String, cause: String?, words: String) throws {
    let verdict = try #require(try heard("cause/\(name)").closed.first?.verdict)
    #expect(verdict.cause?.name == cause)
    #expect(verdict.sentence.contains(words), "\(verdict.sentence)")
  }

  @Test func aCloseBehindAFrameOfWrongLengthMayHaveBeenTakenForPayload() throws {
    let found = try heard("framing/close-behind-wrong-length")
    let verdict = try #require(found.closed.first?.verdict)
    #expect(
      verdict.sentence
        == "closed by the server with 1000 (normal closure); no answer from the client, which may have taken the Close for "
        + "payload (out_of_step by the server in packet 18), before TCP was closed by the server")
    #expect(found.anomalies.allSatisfy { $0.anomaly.side == .server })
  }

  @Test func aPongThatDoesNotRepeatItsPingIsReportedAtItsPlaceEachTime() throws {
    let found = try heard("cause/pong-with-other-payload").anomalies.map(\.anomaly)
    #expect(found.map(\.rule) == Array(repeating: SessionRule.pongPayloadDiffers, count: 3))
    #expect(found.map(\.position.packet) == [10, 14, 18])
    #expect(
      found.first?.detail
        == "the ping in packet 8 has 17 bytes, the pong 4 before these, as many as a masking key has")
  }

  @Test func whatTriesOutATransportIsNoHeartbeat() throws {
    let beats = try heard("report/2probe-counted-as-heartbeat").closed.first?.heartbeats ?? []
    #expect(beats.map(\.kind) == [.engineIO] && beats.map(\.count) == [1] && beats.map(\.answered) == [1])
  }

  @Test func theResetAfterAClosingHandshakeIsEvidence() throws {
    let verdict = try #require(
      try heard("report/rst-after-close-handshake-not-in-text").closed.first?.verdict)
    #expect(verdict.how == .closeHandshake)
    #expect(verdict.evidence.filter(\.isReset).map(\.line) == ["packet 13: RST from the server"])
  }
}
