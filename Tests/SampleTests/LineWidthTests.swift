import Foundation
import TestSupport
import Testing
import WireBytes

/// On a terminal the lines of events fit its width, and use it.
@Suite("Widths of lines")
struct LineWidthTests {
  /// Characters of one, two and no columns, and some that are shown as escapes.
  private static let texts = [
    String(repeating: "plain ascii ", count: 40), String(repeating: "宽字符", count: 100),
    String(repeating: "a宽", count: 100), String(repeating: "e\u{301}", count: 200),
    String(repeating: "🤔", count: 100), String(repeating: "\u{1B}[31m\u{7}", count: 50),
    String(repeating: "\u{202E}שלום ", count: 50), "short", String(repeating: "x", count: 1000),
    String(repeating: "\n", count: 300),
  ]

  private static let packets: [Packet] = {
    var tcp = TCPConversation()
    tcp.handshake()
    let long = String(repeating: "/a-long-target", count: 30)
    tcp.send(from: .client, upgradeRequest(target: long).utf8)
    tcp.send(from: .server, upgradeResponse(accept: String(repeating: "A", count: 300)).utf8)
    for text in texts {
      for side in Side.allCases {
        let bytes = Array(text.utf8)
        tcp.send(from: side, frame(0x81, bytes, isMasked: side == .client))
        tcp.send(from: side, frame(0x82, bytes, isMasked: side == .client))
        let short = Array(bytes.prefix(100))
        tcp.send(from: side, frame(0x89, short, isMasked: side == .client))
        tcp.send(
          from: side == .client ? .server : .client, frame(0x8A, short, isMasked: side == .server))
      }
    }
    let holed = frame(0x82, [UInt8](repeating: 7, count: 500), isMasked: false)
    tcp.send(from: .server, holed[..<200])
    tcp.lose(100, from: .server)
    tcp.send(from: .server, holed[300...])
    tcp.acknowledge(from: .client)
    tcp.send(
      from: .server,
      frame(0x88, [0x03, 0xE8] + String(repeating: "宽a", count: 30).utf8, isMasked: false))
    tcp.close()
    return tcp.packets
  }()

  @Test(
    "No line of an event is wider than the terminal, and what was shortened fills it",
    arguments: [40, 41, 60, 80, 81, 132, 200])
  func widths(columns: Int) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(Self.packets.pcap())
    for options in [[], ["--frames"], ["--tcp", "--color", "always"]] {
      let output = try Terminal.output(of: Tool.executable, options + [path], columns: columns)
      // A terminal ends lines with CR LF, which is one character of Swift's.
      let lines = output.split(separator: UInt8(ascii: "\n")).map {
        plain(String(decoding: $0, as: UTF8.self))
      }
      let events = lines.filter {
        $0.hasPrefix("     ") || $0.contains("  #1 ") && !$0.hasPrefix("  #1")
      }
      #expect(events.count > 90)
      for line in events {
        // Where little is left of a line, eight columns are shown of what it says.
        let width = line.unicodeScalars.map(width).reduce(0, +)
        #expect(width <= max(columns, start(of: line) + 8), "\(width) columns: \(line)")
        // A character of two columns may not fit any more; escapes and hexadecimal digits are wider.
        let isPlain = !["\\", "binary", "B  …"].contains { line.contains($0) }
        if line.hasSuffix("…"), isPlain {
          #expect(width >= columns - 1, "\(width) columns: \(line)")
        }
      }
    }
  }

  @Test("Where the output goes elsewhere no line is shortened")
  func noTerminal() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let text = try Tool.run([folder.write(Self.packets.pcap())]).text
    for text in Self.texts.prefix(3) { #expect(text.contains(text)) }
    #expect(text.contains(String(repeating: "/a-long-target", count: 30)))
    #expect(text.contains(String(repeating: "x", count: 1000)))
  }

  /// The columns before what is shortened.
  private func start(of line: String) -> Int {
    guard line.contains("  #1 ") else { return 5 }
    var start = 26
    for part in ["text", "binary", "ping", "pong", "close"] where line.dropFirst(26).hasPrefix(part) {
      start = 45
    }
    if let marks = line.range(of: "missing] ") { start = line[..<marks.upperBound].count }
    if let words = line.range(of: "   answers ") { start = 45 + line[words.lowerBound...].count }
    return line.contains("✗ ") || line.contains("! ") || line.contains("· ") ? 28 : start
  }

  /// Without colours.
  private func plain(_ line: String) -> String {
    line.replacing(/\u{1B}\[[0-9;]*m/, with: "").replacing("\r", with: "")
  }

  private func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x300..<0x370: 0
    case 0x1100..<0x1160, 0x2E80..<0xA4D0, 0xAC00..<0xD7A4, 0xFF00..<0xFF61, 0x1F300..<0x1FAFF: 2
    default: 1
    }
  }
}
