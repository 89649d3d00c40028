import Foundation
import Testing

/// `tcpdump -s`: of every packet the capture has the start, and says how long it was.
@Suite("Packets cut by the snap length")
struct SnapLengthTests {
  private static let story = Story(name: "chat")

  @Test("Every frame is found in its place although both heads are cut", arguments: [110, 150])
  func cut(length: Int) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(try Self.capture(snapLength: length))
    let whole = try Tool.run(["--json", Self.story.file("capture.pcap").path]).events()
    let events = try Tool.run(["--json", path]).events()

    let opened = try #require(events.named("session_open").first)
    #expect(opened.object("handshake")?.string("outcome") == "upgraded")
    #expect(opened.object("request")?.bool("cut") == true)
    #expect(opened.object("request")?.string("target") == "/")
    #expect(opened.object("response")?.int("status") == 101)
    #expect(events.named("message").count == whole.named("message").count)
    #expect(events.named("message").map { $0.int("bytes") } == whole.named("message").map { $0.int("bytes") })
    for (seen, sent) in zip(events.named("message"), whole.named("message"))
    where seen.int("missing_bytes") == nil {
      #expect(seen.string("text") == sent.string("text"))
    }
    #expect(events.named("session_close").first?.string("how") == "close_handshake")
  }

  @Test("A line of text shows what is known, and not what fills the hole")
  func text() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let text = try Tool.run([try folder.write(try Self.capture(snapLength: 100))]).text
    #expect(text.contains("[18 B missing] {\"type\":\"chat\",\"nick\":\"999\",\"mes…\n"))
    #expect(!text.contains("\\x00"))
  }

  private static func capture(snapLength: Int) throws -> [UInt8] {
    let file = Array(try Data(contentsOf: story.file("capture.pcap")))
    var result = Array(file[..<24])
    var offset = 24
    while offset < file.count {
      let captured = Int(file[offset + 8]) + Int(file[offset + 9]) << 8
      let kept = min(captured, snapLength)
      result += file[offset..<offset + 8] + [UInt8(kept & 0xFF), UInt8(kept >> 8), 0, 0]
      result += file[offset + 12..<offset + 16 + kept]
      offset += 16 + captured
    }
    return result
  }
}
