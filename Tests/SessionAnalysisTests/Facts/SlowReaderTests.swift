import SessionTestSupport
import TestSupport
import Testing

@testable import SessionAnalysis

@Suite struct SlowReaderTests {
  /// The server sends what the client has no room for, and probes its window with the bytes themselves: `probes` times, at intervals
  /// that double. The client answers the first `answers` of them.
  private static func probe(_ session: inout SyntheticSession, _ probes: Int, answers: Int) {
    session.text(.client, "subscribe")
    session.text(.server, "news that is read")
    session.text(.server, "more")
    session.tcp.window = 0
    session.tcp.acknowledge(from: .client)
    session.tcp.window = 65_535
    let next = session.tcp.serverNext
    for round in 0..<probes {
      session.tcp.serverNext = next
      session.text(.server, "unread")
      let sent = session.tcp.serverNext
      if round < answers {
        // It acknowledges nothing of that.
        session.tcp.serverNext = next
        session.tcp.window = 0
        session.tcp.acknowledge(from: .client)
        session.tcp.window = 65_535
        session.tcp.serverNext = sent
      }
      session.wait(seconds: Double(1 << round))
    }
  }

  private static let readers: [VerdictCase] = [
    VerdictCase(
      "the sender gives up", .rst, by: .server, cause: "zero_window",
      "after the client had stopped reading: its receive window was zero for 31.0 s, from packet 9 on"
    ) {
      probe(&$0, 5, answers: 5)
      $0.rst(.server)
    },
    VerdictCase(
      "the reader gives up", .rst, by: .client, cause: "zero_window",
      "after the client had stopped reading: its receive window was zero for 31.0 s"
    ) {
      probe(&$0, 5, answers: 5)
      $0.rst(.client)
    },
    VerdictCase(
      "the reader is gone", .rst, by: .server, cause: "peer_vanished", "had stopped acknowledging"
    ) {
      probe(&$0, 6, answers: 2)
      $0.rst(.server)
    },
    VerdictCase(
      "the capture ends", .captureEnd, by: nil,
      "still open when the capture ended; the client had stopped reading"
    ) {
      probe(&$0, 5, answers: 5)
    },
    VerdictCase("a window that opened again", .fin, by: .server, cause: "silence", "7.0 s without a byte") {
      probe(&$0, 3, answers: 3)
      $0.tcp.acknowledge(from: .client)
      $0.fin(.server)
      $0.fin(.client)
    },
  ]

  @Test("A side whose window stayed closed had stopped reading, and is not gone", arguments: readers)
  func reader(_ test: VerdictCase) throws { try test.check() }
}
