import TestSupport
import WireBytes

/// Small captures in each of which an option has something to change.
enum OptionCapture: String, CaseIterable {
  /// A compressed message, a plain one, a ping with its pong, and a closing handshake.
  case talk
  /// A session with port 80 and one with port 8080.
  case twoPorts
  /// One frame to port 9000 without a handshake: not enough to recognise a session by.
  case loneFrame
  /// A second copy of a segment that differs from the first one, while the segment before them is missing.
  case overlap
  /// A segment that comes twice, and one that comes before its turn.
  case disorder
  /// A session that is open while another connection begins.
  case interleaved
  /// A session that is silent for ten seconds, while another connection goes on.
  case silence
  /// A token in the query, and a cookie.
  case secrets
  /// Two kilobytes without a handshake that may be frames.
  case noise

  var packets: [Packet] {
    switch self {
    case .talk: Self.makeTalk()
    case .twoPorts: Self.session("one", 40_000, 80) + Self.session("two", 40_001, 8080)
    case .loneFrame: Self.makeLoneFrame()
    case .overlap: Self.makeOverlap()
    case .disorder: Self.makeDisorder()
    case .interleaved: Self.makeInterleaved()
    case .silence: Self.makeSilence()
    case .secrets: Self.makeSecrets()
    case .noise: Self.makeNoise()
    }
  }

  private static func makeTalk() -> [Packet] {
    var tcp = TCPConversation()
    tcp.handshake()
    // A line end is one character.
    let extensions = "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    tcp.send(from: .client, (upgradeRequest().dropLast() + extensions).utf8)
    tcp.send(from: .server, (upgradeResponse().dropLast() + extensions).utf8)
    // RFC 7692 §7.2.3.1: "Hello".
    tcp.send(from: .client, frame(0xC1, [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], isMasked: true))
    tcp.text(from: .server, "The quick brown fox")
    tcp.send(from: .server, frame(0x89, Array("p1".utf8), isMasked: false))
    tcp.send(from: .client, frame(0x8A, Array("p1".utf8), isMasked: true, key: [1, 2, 3, 4]))
    let bye: [UInt8] = [0x03, 0xE8] + "bye".utf8
    tcp.send(from: .client, frame(0x88, bye, isMasked: true, key: [5, 6, 7, 8]))
    tcp.send(from: .server, frame(0x88, bye, isMasked: false))
    tcp.close()
    return tcp.packets
  }

  private static func session(_ text: String, _ clientPort: UInt16, _ serverPort: UInt16) -> [Packet] {
    var tcp = TCPConversation(
      client: TestEndpoint("10.0.0.1", clientPort), server: TestEndpoint("10.0.0.2", serverPort),
      start: CaptureTime.testStart.advanced(milliseconds: Int(clientPort - 40_000) * 1000))
    tcp.upgrade()
    tcp.text(from: .server, text)
    tcp.close()
    return tcp.packets
  }

  private static func makeLoneFrame() -> [Packet] {
    var tcp = TCPConversation(server: TestEndpoint("10.0.0.2", 9000))
    tcp.handshake()
    tcp.send(from: .server, [0x81, 0x02] + "hi".utf8)
    tcp.close()
    return tcp.packets
  }

  private static func makeOverlap() -> [Packet] {
    var tcp = TCPConversation()
    tcp.upgrade()
    let start = tcp.packets.count
    tcp.send(from: .server, [0x81, 0x0A] + "begin".utf8)
    let next = tcp.serverNext
    tcp.send(from: .server, "first".utf8)
    tcp.serverNext = next
    tcp.send(from: .server, "other".utf8)
    tcp.close()
    return withFirstLast(tcp.packets, start..<start + 3)
  }

  private static func makeDisorder() -> [Packet] {
    var tcp = TCPConversation()
    tcp.upgrade()
    let start = tcp.packets.count
    tcp.text(from: .server, "a message in three segments", segmentSize: 10)
    tcp.acknowledge(from: .client)
    let next = tcp.serverNext
    tcp.text(from: .server, "sent twice")
    tcp.acknowledge(from: .client)
    tcp.wait(milliseconds: 300)
    tcp.serverNext = next
    tcp.text(from: .server, "sent twice")
    tcp.close()
    return withFirstLast(tcp.packets, start..<start + 3)
  }

  /// The packets with the first one of a range behind the others of it, at the times that were there.
  private static func withFirstLast(_ packets: [Packet], _ range: Range<Int>) -> [Packet] {
    var moved = packets
    moved.insert(moved.remove(at: range.lowerBound), at: range.upperBound - 1)
    for index in range { moved[index].time = packets[index].time }
    return moved
  }

  private static func makeInterleaved() -> [Packet] {
    var tcp = TCPConversation()
    tcp.upgrade()
    tcp.text(from: .server, "before")
    var packets = tcp.packets
    var other = TCPConversation(client: TestEndpoint("10.0.0.1", 40_001), start: tcp.now)
    other.upgrade()
    packets += other.packets
    tcp.now = other.now
    packets += tcp.text(from: .server, "after")
    packets += tcp.close()
    return packets
  }

  private static func makeSilence() -> [Packet] {
    var tcp = TCPConversation()
    tcp.upgrade()
    tcp.text(from: .server, "before")
    var packets = tcp.packets
    var other = TCPConversation(client: TestEndpoint("10.0.0.1", 40_001), start: tcp.now)
    other.interval = 20_000_000
    for _ in 0..<500 { other.acknowledge(from: .client) }
    packets += other.packets
    tcp.now = other.now
    packets += tcp.text(from: .server, "after")
    packets += tcp.close()
    return packets
  }

  private static func makeSecrets() -> [Packet] {
    var tcp = TCPConversation()
    tcp.handshake()
    let request = upgradeRequest(target: "/?token=abc").dropLast()
    tcp.send(from: .client, (request + "Cookie: id=xyz\r\n\r\n").utf8)
    tcp.send(from: .server, upgradeResponse().utf8)
    tcp.close()
    return tcp.packets
  }

  private static func makeNoise() -> [Packet] {
    var tcp = TCPConversation()
    for _ in 0..<20 { tcp.send(from: .client, [UInt8](repeating: 0x81, count: 100)) }
    return tcp.packets
  }
}
