import Foundation
import TestSupport
import Testing
import WireBytes

/// With `--line-buffered` events are written where they are found, otherwise on another thread.
@Suite("Writing behind")
struct WriteBehindTests {
  @Test("What is written behind is the same", arguments: Story.all)
  func samples(_ story: Story) throws {
    for flags in [["--json", "--frames", "--tcp"], ["--frames", "--tcp"]] {
      let behind = try Tool.run(flags + [story.capture]).text
      #expect(behind == (try Tool.run(flags + ["-l", story.capture]).text), "\(flags)")
      #expect(!behind.isEmpty)
    }
  }

  @Test("So are messages too large for a batch, and messages with holes, among many small ones")
  func large() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(Self.conversation.pcap())
    for flags in [["--json"], ["--json", "--frames"], []] {
      let behind = try Tool.run(flags + [path]).text
      #expect(behind.utf8.count > 100_000)
      #expect(behind == (try Tool.run(flags + ["-l", path]).text), "\(flags)")
    }
    let events = try Tool.run(["--json", path]).events()
    let sizes = events.named("message").compactMap { $0.int("bytes") }
    #expect(sizes.count(where: { $0 > 256 << 10 }) == 3)
    #expect(sizes.count == 3004)
    #expect(events.named("message").contains { $0.members["holes"] != nil && $0.bool("complete") == false })
    let pings = events.named("ping").compactMap { $0.string("text") }
    #expect(pings == (0..<3).map { "ping \($0)" })
  }

  @Test("So are messages of every size, whose payloads are copied or taken, by both sides")
  func sizes() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    var random = SeededRandom(seed: 7)
    var tcp = Self.upgraded()
    for number in 0..<200 {
      let size = number % 5 > 0 ? number * 22 : Int.random(in: 0..<(270 << 10), using: &random)
      let byte = UInt8(number % 3 == 0 ? 0xC0 | number & 0x3F : 0x61 + number % 26)
      let (opcode, payload) = (UInt8(1 + number % 2), [UInt8](repeating: byte, count: size))
      let side: Side = number % 4 < 2 ? .server : .client
      tcp.send(from: side, Self.frame(opcode, payload, key: side == .client ? UInt32(number + 1) : nil))
    }
    tcp.close()
    let path = try folder.write(tcp.packets.pcap())
    for flags in [["--json"], ["--json", "--max-payload", "5000"], []] {
      let behind = try Tool.run(flags + [path]).text
      #expect(behind == (try Tool.run(flags + ["-l", path]).text), "\(flags)")
    }
    let sizes = try Tool.run(["--json", path]).events().named("message").compactMap { $0.int("bytes") }
    #expect(sizes.count == 200 && sizes.count(where: { $0 > 8192 }) > 30)
  }

  private static func upgraded() -> TCPConversation {
    var tcp = TCPConversation()
    tcp.handshake()
    tcp.send(
      from: .client,
      ("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").utf8)
    tcp.send(
      from: .server,
      ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n").utf8)
    return tcp
  }

  private static var conversation: [Packet] {
    var tcp = upgraded()
    for round in 0..<3 {
      for number in 0..<1000 { tcp.send(from: .server, frame(1, Array("number \(number)".utf8))) }
      tcp.send(from: .server, frame(9, Array("ping \(round)".utf8)))
      tcp.send(from: .server, frame(2 - UInt8(round % 2), [UInt8](repeating: 0x61, count: 300_000 << round)))
    }
    // The middle of it is not there; the client has it all the same.
    let holed = frame(2, [UInt8](repeating: 7, count: 5000))
    tcp.send(from: .server, holed[..<2000])
    tcp.lose(1000, from: .server)
    tcp.send(from: .server, holed[3000...])
    tcp.acknowledge(from: .client)
    tcp.close()
    return tcp.packets
  }

  private static func frame(_ opcode: UInt8, _ payload: [UInt8], key: UInt32? = nil) -> [UInt8] {
    let mask: UInt8 = key == nil ? 0 : 0x80
    let length: [UInt8] =
      payload.count < 126
      ? [mask | UInt8(payload.count)]
      : payload.count < 1 << 16
        ? [mask | 126] + bigEndianBytes(UInt16(payload.count))
        : [mask | 127] + bigEndianBytes(UInt64(payload.count))
    guard let key else { return [0x80 | opcode] + length + payload }
    let keyBytes = bigEndianBytes(key)
    return [0x80 | opcode] + length + keyBytes + payload.enumerated().map { $1 ^ keyBytes[$0 & 3] }
  }
}
