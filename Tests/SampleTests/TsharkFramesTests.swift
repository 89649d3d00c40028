import Foundation
import Testing

/// A frame as tshark and the tool both see it: a row of samples/*/frames.tsv.
struct FrameRow: Hashable, Sendable, CustomStringConvertible {
  /// The packet that completes the frame.
  var packet: Int
  var tcpStream: Int
  /// Who sent it.
  var port: Int
  var fin: Bool
  var opcode: Int
  var masked: Bool
  var payloadBytes: UInt64

  init(
    packet: Int, tcpStream: Int, port: Int, fin: Bool, opcode: Int, masked: Bool, payloadBytes: UInt64
  ) {
    self.packet = packet
    self.tcpStream = tcpStream
    self.port = port
    self.fin = fin
    self.opcode = opcode
    self.masked = masked
    self.payloadBytes = payloadBytes
  }

  init(line: Substring) throws {
    let fields = try line.split(separator: "\t").map { try #require(UInt64($0), "\(line)") }
    try #require(fields.count == 7)
    let numbers = fields.dropLast().map { Int($0) }
    self.init(
      packet: numbers[0], tcpStream: numbers[1], port: numbers[2], fin: numbers[3] == 1, opcode: numbers[4],
      masked: numbers[5] == 1, payloadBytes: fields[6])
  }

  init(_ frame: Event, session: Event) throws {
    self.init(
      packet: try #require(frame.int("last_packet")), tcpStream: try #require(session.int("tcp_stream")),
      port: try #require(session.object(frame.from)?.int("port")), fin: try #require(frame.int("fin")) == 1,
      opcode: try #require(frame.int("opcode")), masked: try #require(frame.int("masked")) == 1,
      payloadBytes: UInt64(try #require(frame.int("payload_bytes"))))
  }

  var withoutPacket: FrameRow {
    var row = self
    row.packet = 0
    return row
  }

  var description: String {
    "packet \(packet) stream \(tcpStream) port \(port) fin \(fin) opcode \(opcode) masked \(masked) "
      + "\(payloadBytes) bytes"
  }
}

/// Frames that only one of the two sees.
struct FrameDifference: Sendable {
  var story: String
  var onlyTool: [FrameRow] = []
  var onlyTshark: [FrameRow] = []
  var reason: String

  private static func topBitFrame(_ packet: Int, _ stream: Int, payloadBytes: UInt64) -> FrameRow {
    FrameRow(
      packet: packet, tcpStream: stream, port: 8909, fin: true, opcode: 1, masked: false,
      payloadBytes: payloadBytes)
  }

  static let all = [
    FrameDifference(
      story: "fin-without-close",
      onlyTool: [
        FrameRow(
          packet: 38, tcpStream: 2, port: 8903, fin: true, opcode: 1, masked: false, payloadBytes: 1000)
      ],
      reason: "tshark waits for the end of a frame that never comes"),
    FrameDifference(
      story: "server-breaks-rules",
      onlyTool: [(62, 3), (162, 9)].map { topBitFrame($0, $1, payloadBytes: 5) },
      onlyTshark: [(62, 3), (162, 9)].map { topBitFrame($0, $1, payloadBytes: 1 << 63 + 5) },
      reason: "a length with the top bit set: the tool reads on with the rest of it"),
  ]
}

@Suite("The frames are those that tshark finds")
struct TsharkFramesTests {
  @Test("Packet, stream, sender and header fields of every frame, in order", arguments: Story.all)
  func frames(_ story: Story) throws {
    let difference = FrameDifference.all.first { $0.story == story.name }
    var tshark = try String(contentsOf: story.file("frames.tsv"), encoding: .utf8)
      .split(separator: "\n").map { try FrameRow(line: $0) }
    let events = try story.events("--frames")
    let sessions = events.openings
    var tool = try events.named("frame").map { try FrameRow($0, session: try #require(sessions[$0.session])) }
    if events.last?.object("reassembly")?.int("out_of_order") ?? 0 > 0 {
      // To tshark a frame ends with the packet that filled the hole, to us with that of its last byte.
      (tool, tshark) = (tool.map(\.withoutPacket), tshark.map(\.withoutPacket))
      let sides = Set(tool.map(\.port) + tshark.map(\.port)).sorted()
      for side in sides { #expect(tool.filter { $0.port == side } == tshark.filter { $0.port == side }) }
      return
    }

    #expect(tool.filter { !tshark.contains($0) } == difference?.onlyTool ?? [])
    #expect(tshark.filter { !tool.contains($0) } == difference?.onlyTshark ?? [])
    #expect(tool.filter { tshark.contains($0) } == tshark.filter { tool.contains($0) })
  }
}
