import TestSupport
import Testing
import WireBytes

@testable import HTTP1

@Suite("Streams that nobody would send")
struct HTTPMutationTests {
  private static let seeds: [[UInt8]] = [
    head(goodRequest + ["Sec-WebSocket-Protocol: a, b", "Sec-WebSocket-Extensions: x; y=\"z\""]),
    head(goodResponse + ["Sec-WebSocket-Protocol: a", "Sec-WebSocket-Extensions: x"]),
    head("POST / HTTP/1.1", "Content-Length: 4", "Upgrade: h2c") + Array("abcd".utf8),
    head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked") + Array("4;a=b\r\nabcd\r\n0\r\nT: u\r\n\r\n".utf8),
    head("CONNECT h:1 HTTP/1.1"), head("HEAD / HTTP/1.1", "Folded: a", " b"), head("HTTP/1.1 304 x"),
    head("HTTP/1.1 426 x"), maskedHello, hello,
  ]

  private func mutated(_ random: inout SeededRandom) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      bytes += Self.seeds.randomElement(using: &random) ?? []
    }
    for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
      let index = Int.random(in: bytes.indices, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
      case 1: bytes.remove(at: index)
      case 2: bytes.insert(contentsOf: random.bytes(3), at: index)
      case 3: bytes.replaceSubrange(index..<index, with: bytes[index...].prefix(20))
      default:
        bytes[index] = [0x0A, 0x0D, 0x22, 0x2C, 0x3A, 0x3B, 0x20, 0x30].randomElement(using: &random) ?? 0
      }
    }
    return bytes
  }

  @Test("ten thousand conversations end without a trap, and hand over their rest whole")
  func exchanges() {
    var random = SeededRandom.fresh()
    let seed = random.description
    var limits = HTTPLimits()
    (limits.headBytes, limits.heldBytes, limits.fields) = (500, 600, 12)
    for round in 0..<10_000 {
      var conversation = Conversation(startCaptured: Bool.random(using: &random), limits: limits)
      var (client, server) = ([] as [UInt8], [] as [UInt8])
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: conversation.take(.clientLost(UInt64.random(in: 0...20, using: &random)))
        case 1: conversation.take(.serverLost(UInt64.random(in: 0...1 << 40, using: &random)))
        case 2: conversation.take(Bool.random(using: &random) ? .clientEnd : .serverEnd)
        default:
          let bytes = mutated(&random)
          let isClient = Bool.random(using: &random)
          // After a gap a side's bytes are read late, with the packets that they came in.
          let packet =
            Int.random(in: 0..<4, using: &random) == 0 ? UInt64.random(in: 0...20, using: &random) : nil
          var start = 0
          for piece in random.pieces(of: bytes.count, atMost: 200) {
            let part = Array(bytes[start..<start + piece])
            conversation.take(isClient ? .client(part) : .server(part), packet: packet)
            start += piece
          }
          if isClient { client += bytes } else { server += bytes }
        }
      }
      conversation.take(.clientEnd)
      conversation.take(.serverEnd)
      // What is handed over is the stream from one byte on: nothing twice, nothing left out.
      #expect(
        client.suffix(conversation.clientAfter.count) == conversation.clientAfter[...],
        "round \(round) of \(seed)")
      #expect(
        server.suffix(conversation.serverAfter.count) == conversation.serverAfter[...],
        "round \(round) of \(seed)")
      // Each request has its end.
      #expect(
        conversation.handshakes.count { $0.request != nil } == conversation.requests.count,
        "round \(round) of \(seed)")
    }
  }

  @Test("An empty line between bytes that nobody can read is handed over with them")
  func emptyLineBehindAGap() {
    func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
    let steps: [Step] = [
      .server(bytes("HTTP/1.1 200\nTransfer-Encoding:chunked\n\n")), .server(bytes("\n")),
      .server(bytes("\r")), .serverLost(9), .clientLost(7), .server(bytes("\n")), .server(bytes("x")),
      .client(bytes("x\n")), .clientEnd, .serverEnd,
    ]
    #expect(Conversation(steps).serverAfter == bytes("\n\r\nx"))
    // Followed by a head it is nothing.
    let head = bytes("HTTP/1.1 204\r\n\r\n")
    let goesOn = Conversation(Array(steps[..<6]) + [.server(head), .clientEnd, .serverEnd])
    #expect(goesOn.serverAfter.isEmpty)
  }

  @Test("mutated streams give the same events however they are cut")
  func splitFeeding() {
    var random = SeededRandom.fresh()
    let seed = random.description
    for round in 0..<60 {
      let parts: [StreamPart] = [
        .bytes(mutated(&random)), .lost(UInt64.random(in: 1...9, using: &random)), .bytes(mutated(&random)),
      ]
      let side: Side = Bool.random(using: &random) ? .client : .server
      verifySplitFeeding(parts, randomCuts: 3) { stream in
        recorded(stream, side) + ["round \(round) of \(seed)"]
      }
    }
  }
}
