import SessionTestSupport
import TestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import SessionAnalysis

extension VerdictCase {
  static let ofHeartbeats: [VerdictCase] = beats + pongs

  private static let beats: [VerdictCase] = [
    VerdictCase(
      "pings of the server that stop", .closeHandshake, by: .client, cause: "heartbeat_stopped",
      "50.0 s after the last of the server's pings, which had come every 20.0 s"
    ) {
      for round in 0..<4 {
        $0.frame(.server, .ping, [UInt8(round)])
        $0.frame(.client, .pong, [UInt8(round)])
        $0.wait(seconds: round == 3 ? 49.999 : 19.998)
      }
      $0.close(.client, 1000)
      $0.close(.server, 1000)
      $0.end(.client)
    },
    VerdictCase("two beats only", .fin, by: .client, cause: "silence", "without a byte") {
      for _ in 0..<2 {
        $0.text(.server, "{\"type\":\"ping\"}")
        $0.wait(seconds: 7)
      }
      $0.wait(seconds: 14)
      $0.end(.client)
    },
    VerdictCase("beats that come to the end", .closeHandshake, by: .client, "1000") {
      for _ in 0..<5 {
        $0.text(.server, "{\"type\":\"ping\"}")
        $0.wait(seconds: 3)
      }
      $0.close(.client, 1000)
      $0.close(.server, 1000)
      $0.end(.client)
    },
    VerdictCase(
      "beats that stop, and their own side ends", .fin, by: .server, cause: "silence", "17.0 s without a byte"
    ) {
      for _ in 0..<5 {
        $0.text(.server, "{\"type\":\"ping\"}")
        $0.wait(seconds: 3)
      }
      $0.wait(seconds: 14)
      $0.end(.server)
    },
    VerdictCase("beats that stop where something else is sent", .closeHandshake, by: .client, "1000") {
      for _ in 0..<5 {
        $0.text(.server, "{\"type\":\"ping\"}")
        $0.wait(seconds: 3)
      }
      for _ in 0..<9 {
        $0.text(.server, "news")
        $0.wait(seconds: 2)
      }
      $0.close(.client, 1000)
      $0.close(.server, 1000)
      $0.end(.client)
    },
    VerdictCase("beats that stop, and the user leaves the page", .closeHandshake, by: .client, "1001") {
      for _ in 0..<5 {
        $0.text(.server, "{\"type\":\"ping\"}")
        $0.wait(seconds: 3)
      }
      $0.wait(seconds: 4)
      $0.close(.client, 1001)
      $0.close(.server, 1001)
      $0.end(.server)
    },
    VerdictCase(
      "pings for a silent client only, which is not silent any more", .fin, by: .client, cause: nil,
      "TCP closed by the client"
    ) {
      for _ in 0..<5 {
        $0.wait(seconds: 3)
        $0.frame(.server, .ping)
        $0.frame(.client, .pong)
      }
      for _ in 0..<10 {
        $0.wait(seconds: 1)
        $0.text(.client, "a piece of a file")
      }
      $0.end(.client)
    },
    VerdictCase("beats that came at any time", .fin, by: .client, cause: "silence", "without a byte") {
      for seconds in [1.0, 9, 2, 8, 1, 20] {
        $0.text(.server, "{\"type\":\"ping\"}")
        $0.wait(seconds: seconds)
      }
      $0.end(.client)
    },
    VerdictCase(
      "SignalR's beats, and the client's 30 s are over", .fin, by: .client, cause: "heartbeat_stopped",
      "30.0 s after the last of the server's SignalR heartbeats, which had come every 15.0 s"
    ) {
      for round in 0..<4 {
        $0.text(.server, "{\"type\":6}\u{1E}")
        $0.wait(seconds: round == 3 ? 29.999 : 14.999)
      }
      $0.end(.client)
    },
    VerdictCase(
      "STOMP's beats, and the server ends", .fin, by: .server, cause: "heartbeat_stopped",
      "20.0 s after the last of the client's STOMP heartbeats, which had come every 10.0 s"
    ) {
      for round in 0..<4 {
        $0.text(.client, "\n")
        $0.wait(seconds: round == 3 ? 19.999 : 9.999)
      }
      $0.end(.server)
    },
    VerdictCase(
      "beats that had stopped long before, and nobody minded", .fin, by: .client, cause: "silence",
      "after 7.0 s without a byte"
    ) {
      for _ in 0..<8 {
        $0.text(.server, "{\"type\":\"ping\"}")
        $0.wait(seconds: 3)
      }
      for _ in 0..<50 {
        $0.text(.server, "news")
        $0.wait(seconds: 3)
      }
      $0.wait(seconds: 4)
      $0.end(.client)
    },
    VerdictCase(
      "SignalR leaves beats out while it has something to send", .fin, by: .client,
      cause: "heartbeat_stopped",
      "30.0 s after the last bytes from the server, whose SignalR heartbeats had come every 15.0 s"
    ) {
      for _ in 0..<4 {
        $0.text(.server, "{\"type\":6}\u{1E}")
        $0.wait(seconds: 14.999)
      }
      for _ in 0..<8 {
        $0.text(.server, "news")
        $0.wait(seconds: 4.999)
      }
      $0.wait(seconds: 25)
      $0.end(.client)
    },
    VerdictCase(
      "MQTT's keep alive of 60 s, and its broker waits one and a half times as long", .fin, by: .server,
      cause: "heartbeat_stopped", "90.0 s after the last of the client's MQTT heartbeats"
    ) {
      for round in 0..<4 {
        $0.frame(.client, .binary, [0xC0, 0])
        $0.frame(.server, .binary, [0xD0, 0])
        $0.wait(seconds: round == 3 ? 89.999 : 60.002)
      }
      $0.end(.server)
    },
    VerdictCase(
      "pongs as a heartbeat", .rst, by: .server, cause: "heartbeat_stopped",
      "50.0 s after the last of the client's unsolicited pongs, which had come every 20.0 s"
    ) {
      for round in 0..<4 {
        $0.frame(.client, .pong)
        $0.wait(seconds: round == 3 ? 50 : 19.999)
      }
      $0.rst(.server)
    },
  ]

  private static let pongs: [VerdictCase] = [
    VerdictCase(
      "1002 after a pong that does not repeat its ping", .closeHandshake, by: .server, cause: "violation",
      "after pong_payload_differs by the client in packet 7"
    ) {
      $0.frame(.server, .ping, [1, 2, 3])
      $0.frame(.client, .pong, [3, 2, 1])
      $0.close(.server, 1002, "bad pong")
      $0.close(.client, 1002)
      $0.end(.server)
    },
    VerdictCase(
      "1002 at the next ping after such a pong", .closeHandshake, by: .server, cause: "violation",
      "after pong_payload_differs by the client in packet 9"
    ) {
      wrongPongs(&$0, 2)
      $0.close(.server, 1002)
      $0.close(.client, 1002)
      $0.end(.server)
    },
    VerdictCase(
      "a timeout of pings, each of which had such a pong", .closeHandshake, by: .server, cause: "violation",
      #"reason in the Close: "keepalive ping timeout", after pong_payload_differs by the client in packet 9"#
    ) {
      wrongPongs(&$0, 2)
      $0.close(.server, 1011, "keepalive ping timeout")
      $0.close(.client, 1011)
      $0.end(.server)
    },
    VerdictCase(
      "such pongs, and long after the last ping the end", .fin, by: .server, cause: "silence", "70.0 s"
    ) {
      wrongPongs(&$0, 3)
      $0.wait(seconds: 50)
      $0.end(.server)
    },
    VerdictCase("such pongs that were tolerated", .closeHandshake, by: .server, "1011") {
      wrongPongs(&$0, 9)
      $0.close(.server, 1011)
      $0.close(.client, 1011)
      $0.end(.server)
    },
    VerdictCase(
      "pings that were never answered, though the client was there", .fin, by: .server,
      "TCP closed by the server without a Close frame (a browser reports 1006)"
    ) {
      for round in 0..<20 {
        $0.frame(.server, .ping, [UInt8(round)])
        $0.wait(seconds: 10)
        $0.text(.client, "still here")
        $0.wait(seconds: 10)
      }
      $0.text(.client, "still here")
      $0.end(.server)
    },
    VerdictCase(
      "pings that were never answered, and stopped long before the end", .fin, by: .server, cause: "silence",
      "80.0 s without a byte"
    ) {
      for round in 0..<4 {
        $0.frame(.server, .ping, [UInt8(round)])
        $0.wait(seconds: round == 3 ? 80 : 20)
      }
      $0.end(.server)
    },
    VerdictCase(
      "three pings in vain", .fin, by: .server, cause: "unanswered_pings",
      "after 3 pings from the server went unanswered for 30.0 s"
    ) {
      $0.text(.client, "a")
      for round in 0..<3 {
        $0.frame(.server, .ping, [UInt8(round)])
        $0.wait(seconds: 9.999)
      }
      $0.end(.server)
    },
    VerdictCase(
      "1002 long after a rule was broken, and nothing in between", .closeHandshake, by: .server,
      cause: "violation", "after reserved_opcode by the client in packet 6"
    ) {
      $0.frame(.client, Opcode(rawValue: 0x3))
      $0.wait(seconds: 8)
      $0.close(.server, 1002)
      $0.close(.client, 1002)
      $0.end(.server)
    },
    VerdictCase("a pong without a ping", .closeHandshake, by: .server, "1002") {
      $0.frame(.client, .pong, [3, 2, 1])
      $0.close(.server, 1002)
      $0.close(.client, 1002)
      $0.end(.server)
    },
  ]

  /// Pings of the server, every 20 s, each of which is answered with nothing.
  private static func wrongPongs(_ session: inout SyntheticSession, _ count: Int) {
    for round in 0..<count {
      session.frame(.server, .ping, [UInt8(round)])
      session.frame(.client, .pong)
      session.wait(seconds: 20)
    }
  }
}

@Suite("Heartbeats that led to an end, and those that did not")
struct HeartbeatCauseTests {
  @Test(arguments: VerdictCase.ofHeartbeats)
  func cause(_ test: VerdictCase) throws { try test.check() }
}
