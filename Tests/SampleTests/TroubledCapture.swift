import TestSupport
import WireBytes

/// A capture in which every total has something to count: sessions of every outcome, losses on both sides, pings and
/// pongs, compressed messages, broken rules, and bytes that belong to no frame.
struct TroubledCapture {
  private(set) var packets: [Packet] = []
  /// What each side of a session sent after the upgrade, captured or not, in the order of the sessions.
  private(set) var streamBytes: [[Side: Int]] = []
  private var now = CaptureTime.testStart
  private var port: UInt16 = 40_000

  /// RFC 7692 §7.2.3.1: "Hello".
  private static let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
  private static let extensions =
    "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; "
    + "server_no_context_takeover\r\n\r\n"

  init() {
    session(upgrade: Self.upgradeWithCompression) { Self.losses(&$0) }
    session { Self.brokenRules(&$0) }
    session { $0.close() }
    // Refused, unanswered, and a 101 that a client must not accept.
    session(upgrade: { Self.request(&$0, answer: "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") }) {
      $0.close()
    }
    session(upgrade: { Self.request(&$0, answer: nil) }) { $0.close() }
    session(upgrade: { Self.request(&$0, answer: upgradeResponse(accept: "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")) }) {
      tcp in
      tcp.text(from: .server, "after a wrong accept")
      tcp.rst(from: .client)
    }
    // Without a handshake, recognised by its frames.
    session(upgrade: { $0.acknowledge(from: .client) }) { tcp in
      for number in 0..<6 {
        tcp.send(
          from: .client,
          frame(0x81, Array("to pick up \(number)".utf8), isMasked: true, key: Self.key(number)))
        tcp.text(from: .server, "to pick up \(number)")
      }
      tcp.close()
    }
    // Still open at the end.
    session { tcp in
      tcp.text(from: .client, "still open")
      tcp.send(from: .server, frame(0x89, [], isMasked: false))
    }
    others()
  }

  private mutating func session(
    upgrade: (inout TCPConversation) -> Void = { $0.upgrade() }, _ body: (inout TCPConversation) -> Void
  ) {
    var tcp = TCPConversation(
      client: TestEndpoint("10.0.0.1", port), clientSequence: UInt32(port) &* 77_777,
      serverSequence: UInt32(port) &* 99_999, start: now)
    upgrade(&tcp)
    let (client, server) = (tcp.clientNext, tcp.serverNext)
    body(&tcp)
    packets += tcp.packets
    // A FIN counts one.
    let fin = { (side: Side) in
      tcp.packets.contains { $0.bytes[47] & 1 == 1 && ($0.bytes[34] >= 0x80) == (side == .client) } ? 1 : 0
    }
    streamBytes.append([
      .client: Int(tcp.clientNext &- client) - fin(.client),
      .server: Int(tcp.serverNext &- server) - fin(.server),
    ])
    (port, now) = (port + 1, tcp.now.advanced(milliseconds: 50))
  }

  private static func request(_ tcp: inout TCPConversation, answer: String?) {
    tcp.handshake()
    tcp.send(from: .client, upgradeRequest().utf8)
    if let answer { tcp.send(from: .server, answer.utf8) }
  }

  private static func upgradeWithCompression(_ tcp: inout TCPConversation) {
    tcp.handshake()
    // A line end is one character.
    tcp.send(from: .client, (upgradeRequest().dropLast() + extensions).utf8)
    tcp.send(from: .server, (upgradeResponse().dropLast() + extensions).utf8)
  }

  private static func key(_ number: Int) -> [UInt8] {
    [UInt8(number % 30 * 7 + 1), 0xA5, UInt8(number), 0x3C]
  }

  /// Both sides lose bytes within a payload and a header, and say everything else that can be counted.
  private static func losses(_ tcp: inout TCPConversation) {
    var number = 0
    for side in [.client, .server] as [Side] {
      let isMasked = side == .client
      func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        number += 1
        return TestSupport.frame(first, payload, isMasked: isMasked, key: key(number))
      }
      let other: Side = isMasked ? .server : .client
      for _ in 0..<(isMasked ? 3 : 2) { tcp.send(from: side, frame(0xC1, hello)) }
      tcp.send(from: side, frame(0x01, Array("frag".utf8)) + frame(0x89, Array("in it".utf8)))
      tcp.send(from: side, frame(0x00, Array("men".utf8)) + frame(0x80, Array("ted".utf8)))
      for round in 0..<(isMasked ? 2 : 3) {
        tcp.send(from: side, frame(0x89, Array("ping \(round)".utf8)))
        tcp.send(
          from: other,
          TestSupport.frame(
            0x8A, Array("ping \(round)".utf8), isMasked: !isMasked, key: key(100 + round)))
      }
      // Within a payload.
      let holed = frame(0x82, [UInt8](repeating: 7, count: isMasked ? 100 : 90))
      tcp.send(from: side, holed[..<40])
      tcp.lose(20, from: side)
      tcp.send(from: side, holed[60...])
      tcp.acknowledge(from: other)
      // A header, after which what is left of the payload belongs to no frame that is known.
      let headless = frame(0x82, [UInt8](repeating: 0xFF, count: isMasked ? 50 : 60))
      tcp.lose(10, from: side)
      tcp.send(from: side, headless[10...])
      tcp.acknowledge(from: other)
      for round in 0..<4 { tcp.send(from: side, frame(0x81, Array("found again \(round)".utf8))) }
      tcp.acknowledge(from: other)
    }
    let bye: [UInt8] = [0x03, 0xE8]
    tcp.send(from: .server, TestSupport.frame(0x88, bye, isMasked: false))
    tcp.send(from: .client, TestSupport.frame(0x88, bye, isMasked: true))
    tcp.close()
  }

  private static func brokenRules(_ tcp: inout TCPConversation) {
    // Not masked, a reserved opcode, text that is not UTF-8, and a masked frame of the server.
    tcp.send(from: .client, TestSupport.frame(0x81, Array("bare".utf8), isMasked: false))
    tcp.send(from: .client, TestSupport.frame(0x83, [1], isMasked: true))
    tcp.send(from: .server, TestSupport.frame(0x81, [0xFF, 0xFE], isMasked: false))
    tcp.send(from: .server, TestSupport.frame(0x82, [1, 2, 3], isMasked: true))
    tcp.send(from: .client, TestSupport.frame(0x88, [0x03, 0xE9], isMasked: true))
    tcp.close()
  }

  /// Packets around the sessions: TLS, another connection, UDP, and a header that cannot be read.
  private mutating func others() {
    var tls = TCPConversation(client: TestEndpoint("10.0.0.7", 50_000), start: now)
    tls.handshake()
    tls.send(
      from: .client,
      [0x16, 0x03, 0x01, 0x00, 0x20, 0x01, 0x00, 0x00, 0x1C] + [UInt8](repeating: 3, count: 28))
    tls.send(
      from: .server,
      [0x16, 0x03, 0x03, 0x00, 0x20, 0x02, 0x00, 0x00, 0x1C] + [UInt8](repeating: 3, count: 28))
    packets += tls.packets
    var other = TCPConversation(client: TestEndpoint("10.0.0.8", 50_001), start: tls.now)
    other.handshake()
    packets += other.packets
    packets.append(
      Packet(
        ethernet(ipv4(from: "10.0.0.7", to: "10.0.0.8", [0, 1, 0, 2, 0, 8, 0, 0], protocol: 17)),
        time: other.now))
    packets.append(
      Packet(Array(ethernet(ipv4(from: "10.0.0.7", to: "10.0.0.8", [])).prefix(20)), time: other.now))
    packets.append(Packet([2, 2], time: other.now))
  }
}
