import PacketLayers
import Pipeline
import SessionTestSupport
import Sessions
import TestSupport
import Testing
import WebSocketDecoding
import WireBytes

@Suite("Everything that waits, within one budget")
struct MemoryLimitTests {
  private struct Result {
    let heard: Heard
    /// What the budget still knows at the end, beside connections.
    let left: Int
    var memory: MemoryUse { heard.summary.memory }
  }

  private func analyzed(_ sessions: [SyntheticSession], memory: Int) throws -> Result {
    let heard = Heard(EventNeeds(payloadBytes: 16 << 20, controlBytes: 16 << 20))
    var options = AnalysisOptions()
    options.memory = memory
    var decoder = try PacketDecoder(linkType: 1)
    var pipeline = PacketPipeline(options: options, sink: heard)
    // In turn, so that all are open at once.
    let longest = sessions.map(\.packets.count).max() ?? 0
    var number: UInt64 = 0
    for index in 0..<longest {
      for session in sessions where index < session.packets.count {
        let packet = session.packets[index]
        number += 1
        pipeline.receive(packet.bytes.span, number, packet.time, packet.originalLength, through: &decoder)
      }
    }
    _ = pipeline.finish()
    return Result(heard: heard, left: pipeline.memoryInUse)
  }

  /// Sessions of so many clients.
  private func sessions(_ count: Int, _ script: (inout SyntheticSession, Int) -> Void) -> [SyntheticSession] {
    (0..<count).map { index in
      var session = SyntheticSession(
        clientPort: UInt16(20_000 + index),
        sequences: (UInt32(index) &* 0x9E37_79B1, UInt32(index) &* 0x85EB_CA6B &+ 7))
      script(&session, index)
      return session
    }
  }

  @Test("Unfinished messages are shortened, those that are small are not, and no session is let go")
  func unfinished() throws {
    let (limit, many) = (1 << 20, 20)
    let heard = try analyzed(
      sessions(many) { session, index in
        // A header that announces 1 MiB, and a part of it.
        let header: [UInt8] = [0x82, 0x7F, 0, 0, 0, 0, 0, 0x10, 0, 0]
        session.send(.server, header + [UInt8](repeating: 0x61, count: 1000))
        for _ in 0..<3 { session.send(.server, [UInt8](repeating: 0x61, count: 40_000)) }
        // Small ones in two frames, meanwhile.
        session.send(.client, [0x01, 0x83, 0, 0, 0, 0] + Array("one".utf8))
        session.send(.client, [0x80, 0x83, 0, 0, 0, 0] + Array("two".utf8))
      }, memory: limit)
    #expect(heard.memory.peak <= limit)
    #expect(heard.memory.connectionsLetGo == 0)
    #expect(heard.memory.messagesShortened == UInt64(many))
    #expect(heard.heard.shownBytes.count == 2 * many)
    #expect(heard.heard.shownBytes.filter { $0 == 6 }.count == many)
    #expect(heard.heard.shownBytes.allSatisfy { $0 > 0 })
    #expect(heard.heard.closed.allSatisfy { $0.server.bytes == 121_000 }, "all of them is counted")
    #expect(heard.left == 0)
  }

  @Test("Sessions beyond the budget are let go, and counted")
  func sessions() throws {
    let result = try analyzed(
      sessions(1000) { session, index in session.text(.client, "number \(index)") }, memory: 1 << 20)
    // Some are found again by their frames.
    #expect(result.heard.opened.count >= 1000)
    #expect(result.memory.connectionsLetGo > 500)
    #expect(result.memory.peak <= 1 << 20 + 8192)
    #expect(result.heard.closed.count == result.heard.opened.count)
    #expect(result.left == 0)
  }

  @Test("A budget that is not exhausted is not mentioned, and all of it is given back")
  func enough() throws {
    let result = try analyzed(
      sessions(10) { session, _ in
        session.send(.client, [0x01, 0x83, 0, 0, 0, 0] + Array("one".utf8))
        session.frame(.server, .ping, [1])
      }, memory: 1 << 20)
    #expect(!result.memory.isExhausted)
    #expect(result.left == 0)
  }
}
