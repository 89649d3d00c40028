import CaptureInput
import Files
import Foundation
import SessionTestSupport
import TestSupport
import Testing
import WireBytes

@testable import Pipeline

@Suite("Packets of WebSocket connections in a file of their own")
struct PacketExportTests {
  private func conversation(_ port: UInt16, at milliseconds: Int = 0) -> TCPConversation {
    var tcp = TCPConversation(
      client: TestEndpoint("10.0.0.1", port), start: .testStart.advanced(milliseconds: milliseconds))
    tcp.handshake()
    return tcp
  }

  private func bytes(_ lines: String...) -> [UInt8] {
    Array((lines.map { $0 + "\r\n" }.joined() + "\r\n").utf8)
  }

  private func upgrade(_ tcp: inout TCPConversation) {
    tcp.send(
      from: .client,
      bytes(
        "GET / HTTP/1.1", "Host: h", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
    tcp.send(
      from: .server,
      bytes(
        "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
  }

  private func talk(_ tcp: inout TCPConversation) {
    tcp.send(from: .server, SyntheticSession.frame(.server, .text, Array("hello".utf8)))
    tcp.send(from: .client, SyntheticSession.frame(.client, .text, Array("hello".utf8)))
  }

  private func page(_ tcp: inout TCPConversation) {
    tcp.send(from: .client, bytes("GET / HTTP/1.1", "Host: h"))
    tcp.send(from: .server, bytes("HTTP/1.1 200 OK", "Content-Length: 0"))
  }

  /// What the export writes of a capture of these packets.
  private func exported(_ packets: [Packet], linkType: Int32 = 1) throws -> [Packet] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "wstap-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (input, output) = (folder.appending(path: "in").path, folder.appending(path: "out").path)
    try Data(packets.pcap(linkType: linkType, nanoseconds: true)).write(to: URL(filePath: input))
    let file = PacketFile(try captureOutput(at: output, linkType), linkType: linkType)
    let export = try PacketExport(before: Heard(.totals), into: file, linkType: linkType)
    _ = try CaptureAnalysis.run(
      CaptureReader(CaptureSelection(paths: [input])), sink: export, tap: export, packetsBetweenLooks: 1)
    #expect(file.waitingBytes == 0)
    file.close()
    #expect(file.failure == nil)
    var reader = try SavefileReader(path: FilePath(output))
    var written: [Packet] = []
    while try reader.advance() {
      written.append(
        Packet(
          reader.bytes.toArray(), time: reader.record.time, originalLength: reader.record.originalLength))
    }
    return written
  }

  private func captureOutput(at path: String, _ linkType: Int32) throws -> CaptureOutput {
    try CaptureOutput(
      path: FilePath(path), header: PacketFile.header(interface: "test", linkType: linkType))
  }

  private func inOrder(_ packets: [Packet]) -> [Packet] { packets.sorted { $0.time < $1.time } }

  @Test("Are there from the first one on, in the order of the capture, and no others") func whole() throws {
    var (first, second, page) = (conversation(1), conversation(2, at: 1), conversation(3, at: 2))
    upgrade(&first)
    self.page(&page)
    upgrade(&second)
    talk(&first)
    talk(&second)
    first.close()
    page.close()
    let datagram = Packet(
      ethernet(ipv4(from: "10.0.0.1", to: "10.0.0.2", udp(to: 53, [1, 2, 3]), protocol: 17)), time: .testStart
    )
    let found = try exported(inOrder([datagram] + first.packets + second.packets + page.packets))
    #expect(found == inOrder(first.packets + second.packets))
  }

  @Test("A page before the upgrade belongs to the connection") func pageBefore() throws {
    var tcp = conversation(1)
    page(&tcp)
    upgrade(&tcp)
    talk(&tcp)
    #expect(try exported(tcp.packets) == tcp.packets)
  }

  @Test("Another connection between the same ends is another one, with its SYN") func sameEnds() throws {
    var first = conversation(1)
    upgrade(&first)
    first.close()
    var second = TCPConversation(
      client: TestEndpoint("10.0.0.1", 1), clientSequence: 70_000_000, serverSequence: 90_000_000,
      start: first.now)
    second.handshake()
    page(&second)
    #expect(try exported(first.packets + second.packets) == first.packets)
  }

  @Test("Frames after a page are a session, and the connection that takes its place is another")
  func framesAfterPage() throws {
    var first = conversation(1)
    page(&first)
    talk(&first)
    var second = TCPConversation(
      client: TestEndpoint("10.0.0.1", 1), clientSequence: 170_000_000, serverSequence: 190_000_000,
      start: first.now)
    second.handshake()
    page(&second)
    #expect(try exported(first.packets + second.packets) == first.packets)
    upgrade(&second)
    #expect(try exported(first.packets + second.packets) == first.packets + second.packets)
  }

  @Test(
    "Bytes that wait of one connection, with 96 for each packet",
    arguments: [((1 << 20) - 1, true), (1 << 20, true), ((1 << 20) + 1, false)])
  func limit(cost: Int, isWhole: Bool) throws {
    func build(_ last: Int) -> TCPConversation {
      var tcp = conversation(1)
      let counts = [Int](repeating: 60_000, count: 17) + [last]
      tcp.send(
        from: .client,
        bytes("POST / HTTP/1.1", "Host: h", "Content-Length: \(17 * 60_000 + last)"))
      for count in counts {
        tcp.segment(from: .client, .ack, payload: [UInt8](repeating: 0x61, count: count))
      }
      tcp.send(from: .server, bytes("HTTP/1.1 200 OK", "Content-Length: 0"))
      upgrade(&tcp)
      return tcp
    }
    func costs(_ tcp: TCPConversation) -> Int { tcp.packets.reduce(0) { $0 + $1.bytes.count + 96 } }
    let last = 20_000 + cost - costs(build(20_000))
    var tcp = build(last)
    #expect(costs(tcp) == cost)
    let before = tcp.packets.count
    talk(&tcp)
    // What waits up to the answer is one packet too many otherwise, and nothing of it is kept.
    #expect(try exported(tcp.packets) == Array(tcp.packets.dropFirst(isWhole ? 0 : before)))
  }

  @Test("Where no packet can be decoded there is no export") func unknownLink() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "wstap-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = PacketFile(try captureOutput(at: path, 5), linkType: 5)
    #expect(throws: CaptureError.self) {
      _ = try PacketExport(before: Heard(.totals), into: file, linkType: 5)
    }
  }
}
