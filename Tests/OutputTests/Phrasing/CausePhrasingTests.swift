import HTTP1
import Testing

@testable import Output
@testable import SessionAnalysis
@testable import TCPReassembly
@testable import WebSocketDecoding

@Suite("What led to an end, in words")
struct CausePhrasingTests {
  @Test(
    arguments: [
      (
        .violation(FramingRule.unmaskedClientFrame.rule, by: .client, packet: 10),
        "after unmasked_client_frame by the client in packet 10"
      ),
      (
        .largeMessage(bytes: 70_000, unsent: nil, from: .client, packet: 9),
        "after a message of 70000 bytes from the client in packet 9"
      ),
      (
        .largeMessage(bytes: 70_000, unsent: 0, from: .client, packet: 9),
        "after the first 70000 bytes of a message from the client in packet 9"
      ),
      (
        .largeMessage(bytes: 70_000, unsent: 30_000, from: .server, packet: 9),
        "after 70000 of the 100000 bytes of a message from the server in packet 9"
      ),
      (.largeMessageIn(packet: 9, from: .client), "after the last bytes from the client in packet 9"),
      (
        .serverRestart(others: 1, said: true),
        "when the server ended 1 other session within a second: perhaps a restart"
      ),
      (
        .serverRestart(others: 3, said: false),
        "when the server ended 3 other sessions within a second: perhaps its process ended, or was killed"
      ),
      (
        .unansweredPings(1, .ping, by: .server, waited: 1_000_000_000),
        "after a ping from the server went unanswered for 1.0 s"
      ),
      (
        .unansweredPings(3, .ping, by: .client, waited: 45_040_000_000),
        "after 3 pings from the client went unanswered for 45.0 s"
      ),
      (
        .unansweredPings(1, .engineIO, by: .server, waited: 20_000_000_000),
        "after an Engine.IO heartbeat from the server went unanswered for 20.0 s"
      ),
      (
        .unansweredPings(2, .text, by: .server, waited: 20_000_000_000),
        "after 2 heartbeats from the server went unanswered for 20.0 s"
      ),
      (.silence(7_000_000_000, of: nil), "after 7.0 s without a byte"),
      (
        .unansweredPings(1, .mqtt, by: .client, waited: 20_000_000_000),
        "after an MQTT heartbeat from the client went unanswered for 20.0 s"
      ),
      (
        .silence(350_200_000_000, of: .client, timeouts: IdleTimeout.matching(350_200_000_000)),
        "after 350.2 s without a byte from the client: perhaps an idle timeout (350 s is the default of AWS NLB and NAT gateway)"
      ),
      (
        .silence(30_000_000_000, of: nil, timeouts: IdleTimeout.matching(30_000_000_000)),
        "after 30.0 s without a byte: perhaps an idle timeout (30 s is the default of Google Cloud backend service timeout, Jetty 10+ WebSocket idleTimeout, SignalR ClientTimeoutInterval)"
      ),
      (
        .vanished(.client, UnconfirmedBytes(bytes: 77, repetitions: 5, time: 3_100_000_000)),
        "after the client had stopped acknowledging: 77 bytes retransmitted 5 times within 3.1 s"
      ),
      (
        .vanished(.client, UnconfirmedBytes(bytes: 1, repetitions: 5, time: 3_100_000_000)),
        "after the client had stopped acknowledging: 1 byte retransmitted 5 times within 3.1 s"
      ),
      (
        .stoppedReading(.client, for: 5_000_000_000, packet: 28),
        "after the client had stopped reading: its receive window was zero for 5.0 s, from packet 28 on"
      ),
      (
        .largeMessage(bytes: 1, unsent: 0, from: .client, packet: 9),
        "after the first 1 byte of a message from the client in packet 9"
      ),
      (
        .invalidHandshake(HandshakeRule.wrongAccept, packet: 6),
        "at once: a client must refuse the server's answer (wrong_accept in packet 6)"
      ),
      (
        .noSubprotocol(offered: "binary, base64", isFromPage: true),
        #"at once: it had offered "binary, base64" and the server selected no subprotocol (browsers must fail the connection then)"#
      ),
      (.foreignOrigin, "perhaps because of the client's Origin, which is not that of the host"),
      (.closeReason("token expired"), #"reason in the Close: "token expired""#),
      (
        .closeReasonShown("inactive", by: .silence(60_300_000_000, of: nil)),
        #"reason in the Close: "inactive", after 60.3 s without a byte"#
      ),
      (
        .heartbeatStopped(.text, by: .server, interval: 3_000_000_000, since: 12_000_000_000),
        "12.0 s after the last of the server's heartbeats, which had come every 3.0 s"
      ),
      (
        .heartbeatStopped(.ping, by: .client, interval: 20_000_000_000, since: 45_000_000_000),
        "45.0 s after the last of the client's pings, which had come every 20.0 s"
      ),
      (
        .heartbeatStopped(
          .signalR, by: .server, interval: 15_000_000_000, since: 30_000_000_000, isOfBytes: true),
        "30.0 s after the last bytes from the server, whose SignalR heartbeats had come every 15.0 s"
      ),
      (
        .maximumLifetime(7_201_000_000_000, others: 1, byHost: false),
        "7201.0 s after it was opened, an age at which 1 other session of this server ended: perhaps a maximum lifetime (inferred; 7200 s is that of AWS API Gateway WebSocket)"
      ),
      (
        .maximumLifetime(1_000_000_000_000, others: 3, byHost: true),
        "1000.0 s after it was opened, an age at which 3 other sessions with the same Host ended: perhaps a maximum lifetime (inferred)"
      ),
      (
        .unansweredProbes(UnansweredProbes(count: 9, time: 600_000_000_000), by: .server),
        "after 9 keep-alive probes from the server without an answer within 600.0 s: the client was gone"
      ),
      (
        .forgotten(silence: 400_000_000_000, by: .client, packet: 12),
        "in answer to packet 12, the first bytes after 400.0 s of silence: perhaps something in between had forgotten the connection (known for it: Azure Load Balancer after 240 s, AWS NLB and NAT gateway after 350 s, NAT tables), or the server had been restarted"
      ),
      (
        .forgotten(silence: 100_000_000_000, by: .server, packet: 12, isProbe: true),
        "in answer to the keep-alive probe in packet 12, the first packet after 100.0 s of silence: perhaps something in between had forgotten the connection (known for it: NAT tables), or the client had been restarted"
      ),
      (
        .forgotten(
          silence: 100_000_000_000, by: .client, packet: 12,
          inVain: UnconfirmedBytes(bytes: 10, repetitions: 5, time: 3_100_000_000)),
        "after 100.0 s of silence, and then bytes from the client in packet 12 which nobody acknowledged, though they were retransmitted 5 times within 3.1 s: perhaps something in between had forgotten the connection (known for it: NAT tables), or the server had been restarted"
      ),
      (
        .unreadData(by: .server, packet: 12),
        "perhaps without having read the last bytes from the client, in packet 12"
      ),
    ] as [(Cause, String)])
  func phrase(_ cause: Cause, _ phrase: String) {
    #expect(cause.phrase == phrase)
  }
}
