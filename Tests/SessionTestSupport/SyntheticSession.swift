import TestSupport
import WebSocketDecoding
import WireBytes

/// A session made of packets: an upgrade, frames with pauses, an end.
package struct SyntheticSession: Sendable {
  package var tcp: TCPConversation

  package static let key = "dGhlIHNhbXBsZSBub25jZQ=="

  /// The upgrade, unless the session is to be one whose start is missing.
  package init(
    client: String = "10.0.0.1", clientPort: UInt16 = 40_000,
    server: TestEndpoint = TestEndpoint("10.0.0.2", 80), path: String = "/",
    start: CaptureTime = .testStart, request: [String] = [], response: [String] = [], host: String = "h",
    accept: String = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", key: String = SyntheticSession.key,
    sequences: (client: UInt32, server: UInt32) = (1000, 5000)
  ) {
    tcp = TCPConversation(
      client: TestEndpoint(TestAddress(client), clientPort), server: server,
      clientSequence: sequences.client, serverSequence: sequences.server, start: start)
    tcp.handshake()
    let lines =
      [
        "GET \(path) HTTP/1.1", "Host: \(host)", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: \(key)",
      ] + request
    tcp.send(from: .client, head(lines))
    tcp.send(
      from: .server,
      head(
        [
          "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
          "Sec-WebSocket-Accept: \(accept)",
        ] + response))
  }

  private func head(_ lines: [String]) -> [UInt8] {
    Array((lines.map { $0 + "\r\n" }.joined() + "\r\n").utf8)
  }

  package var packets: [Packet] { tcp.packets }
  /// The number of the last packet so far.
  package var packet: UInt64 { UInt64(tcp.packets.count) }

  package mutating func send(_ side: Side, _ bytes: [UInt8]) { tcp.send(from: side, bytes) }

  package mutating func text(_ side: Side, _ text: String) { frame(side, .text, Array(text.utf8)) }

  package mutating func frame(_ side: Side, _ opcode: Opcode, _ payload: [UInt8] = []) {
    send(side, Self.frame(side, opcode, payload))
  }

  /// A frame of up to 65,535 bytes, masked with a key of its own when a client sends it.
  package static func frame(_ side: Side, _ opcode: Opcode, _ payload: [UInt8] = []) -> [UInt8] {
    let mask: UInt8 = side == .client ? 0x80 : 0
    var bytes: [UInt8] = [0x80 | opcode.rawValue]
    if payload.count < 126 {
      bytes.append(mask | UInt8(payload.count))
    } else {
      bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    }
    guard side == .client else { return bytes + payload }
    var hash = UInt32(2_166_136_261)
    for byte in payload { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    let key = (0..<4).map { UInt8(truncatingIfNeeded: hash >> (8 * $0)) }
    return bytes + key + payload.enumerated().map { $1 ^ key[$0 & 3] }
  }

  package mutating func close(_ side: Side, _ code: UInt16?, _ reason: String = "") {
    let payload = code.map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] + Array(reason.utf8) } ?? []
    frame(side, .close, payload)
  }

  /// Close frames that cross: `first` is captured first, and neither side has received the other's.
  package mutating func crossingCloses(_ first: Side, _ code: UInt16?, _ otherCode: UInt16?) {
    let before = (tcp.clientNext, tcp.serverNext)
    close(first, code)
    let after = (tcp.clientNext, tcp.serverNext)
    if first == .client { tcp.clientNext = before.0 } else { tcp.serverNext = before.1 }
    close(first.peer, otherCode)
    if first == .client { tcp.clientNext = after.0 } else { tcp.serverNext = after.1 }
  }

  /// The same, each Close in two segments, which take turns.
  package mutating func crossingClosesInPieces(_ first: Side, _ code: UInt16) {
    let reason = [UInt8(code >> 8), UInt8(code & 0xFF)] + Array("bye".utf8)
    let frames = [first, first.peer].map { ($0, Self.frame($0, Opcode.close, reason)) }
    // What a segment acknowledges is where the other side stood before any of it.
    let before = (tcp.clientNext, tcp.serverNext)
    var sent = before
    for part in 0..<2 {
      for (side, frame) in frames {
        tcp.clientNext = side == .client ? sent.0 : before.0
        tcp.serverNext = side == .server ? sent.1 : before.1
        send(side, Array(part == 0 ? frame[..<3] : frame[3...]))
        if side == .client { sent.0 = tcp.clientNext } else { sent.1 = tcp.serverNext }
      }
    }
    (tcp.clientNext, tcp.serverNext) = sent
  }

  package mutating func wait(seconds: Double) { tcp.wait(milliseconds: Int(seconds * 1000)) }
  package mutating func fin(_ side: Side) { tcp.fin(from: side) }
  package mutating func rst(_ side: Side) { tcp.rst(from: side) }
  package mutating func lose(_ count: Int, _ side: Side) { tcp.lose(count, from: side) }

  /// FIN of both sides, `side` first.
  package mutating func end(_ side: Side) {
    fin(side)
    fin(side.peer)
  }
}
