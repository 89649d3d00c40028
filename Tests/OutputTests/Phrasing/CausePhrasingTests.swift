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
        "after an engine_io heartbeat from the server went unanswered for 20.0 s"
      ),
      (
        .unansweredPings(2, .text, by: .server, waited: 20_000_000_000),
        "after 2 text heartbeats from the server went unanswered for 20.0 s"
      ),
      (.silence(7_000_000_000, of: nil), "after 7.0 s without a byte"),
      (
        .silence(350_200_000_000, of: .client),
        "after 350.2 s without a byte from the client: perhaps an idle timeout (350 s is the default of AWS NLB and NAT gateway)"
      ),
      (
        .silence(30_000_000_000, of: nil),
        "after 30.0 s without a byte: perhaps an idle timeout (30 s is the default of Google Cloud backend service timeout, Jetty 10+ WebSocket idleTimeout, SignalR ClientTimeoutInterval)"
      ),
      (
        .vanished(.client, UnconfirmedBytes(bytes: 77, repetitions: 5, time: 3_100_000_000)),
        "after the client had stopped acknowledging: 77 bytes retransmitted 5 times within 3.1 s"
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
