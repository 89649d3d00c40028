import TestSupport
import Testing
import WireBytes

@testable import HTTP1

@Suite("An exchange, however its bytes are cut")
struct HTTP1ExchangeSplitTests {
  /// Conversations that lead to every kind of step and state.
  private static let scripts: [[Step]] = [
    [.client(get + upgrade + maskedHello), .server(ok + switching + hello), .client(maskedHello)],
    [.server(ok + switching + hello), .client(get + upgrade + maskedHello), .server(hello)],
    [.client(upgrade + get), .server(head("HTTP/1.1 401 x", "Content-Length: 2") + [1, 2] + ok)],
    [
      .client(head(goodRequest + ["Content-Length: 20"]) + [1]), .server(switching + hello),
      .client([UInt8](repeating: 2, count: 19) + maskedHello), .client(maskedHello),
    ],
    [.server(ok + switching + hello), .clientLost(9), .client(get + upgrade + maskedHello)],
    [.server(switching + hello), .client(maskedHello + maskedHello), .server(hello)],
    [
      .client(head("CONNECT h:80 HTTP/1.1") + upgrade), .server(head("HTTP/1.1 200 x") + hello),
      .client(upgrade),
    ],
    [
      .client(head("GET / HTTP/1.1", "Connection: Upgrade", "Upgrade: h2c") + get),
      .server(head("HTTP/1.1 101 x", "Upgrade: h2c") + hello + hello),
    ],
    [.client(Array(upgrade.prefix(60))), .clientLost(100), .server(switching + hello), .client(maskedHello)],
    [
      .client(get), .client(upgrade), .serverLost(100), .server(Array("the rest\r\n".utf8)),
      .server(switching),
    ],
    [.client(upgrade + maskedHello), .serverLost(100), .server(hello + hello), .client(maskedHello)],
    [.client(upgrade + maskedHello), .serverEnd, .clientEnd],
    [.client(upgrade + get), .serverEnd, .client(get), .clientEnd],
    [
      .server(switching + hello), .client(head(goodRequest + ["Transfer-Encoding: chunked"]) + maskedHello),
      .client(maskedHello),
    ],
    [
      .client(upgrade), .server(head(goodResponse + ["Transfer-Encoding: chunked"]) + hello),
      .client(maskedHello), .server(hello),
    ],
    [
      .server(head(goodResponse + ["Content-Length: 5"]) + hello), .client(upgrade + maskedHello),
      .server(hello),
    ],
    [.client([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5, 6, 7])],
    [
      .client(get), .server(ok), .clientLost(200), .serverLost(129), .server(hello + hello),
      .client(maskedHello),
    ],
  ]

  private static func summary(_ steps: [Step], _ cut: (Int) -> [Int]) -> String {
    var conversation = Conversation()
    for step in steps { conversation.take(step, inPieces: cut) }
    let handshakes = conversation.handshakes.map {
      "\($0.outcome) \($0.acceptValid as Any) \($0.anomalies.map { "\($0.rule.name) \($0.position) \($0.detail)" })"
    }
    return """
      \(handshakes) \(conversation.requests.count) \(conversation.rules) \(String(describing: conversation.ending))
      \(conversation.isClientCertain) \(conversation.isClientLate)
      \(conversation.clientAfter) \(conversation.serverAfter)
      """
  }

  @Test("how a packet is cut into calls does not matter", arguments: scripts.indices)
  func cutPackets(script: Int) {
    let steps = Self.scripts[script]
    let whole = Self.summary(steps) { [$0] }
    // An answer after a gap is known by the first eight bytes of its packet.
    for size in 1...30 {
      let cut = Self.summary(steps) { count in
        var sizes = [min(max(size, 8), count)]
        while sizes.reduce(0, +) < count { sizes.append(min(size, count - sizes.reduce(0, +))) }
        return sizes
      }
      #expect(cut == whole, "pieces of \(size)")
    }
  }

  @Test("how either side is cut into packets does not matter")
  func splitFeeding() {
    let client = get + upgrade + maskedHello
    let server = ok + head("HTTP/1.1 100 Continue") + switching + hello
    for clientFirst in [true, false] {
      verifySplitFeeding([.bytes(clientFirst ? client : server)]) { stream in
        var conversation = Conversation()
        if !clientFirst { conversation.take(.client(client)) }
        for piece in stream.pieces {
          if case .bytes(let bytes, _) = piece {
            conversation.take(clientFirst ? .client(bytes) : .server(bytes))
          }
        }
        if clientFirst { conversation.take(.server(server)) }
        let handshakes = conversation.handshakes.map { "\($0.outcome) \($0.acceptValid as Any)" }
        return handshakes + ["\(conversation.clientAfter) \(conversation.serverAfter) \(conversation.rules)"]
      }
    }
  }
}
