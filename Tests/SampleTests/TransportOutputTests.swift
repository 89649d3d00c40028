import Foundation
import TestSupport
import Testing

/// The recording over a bad link, as reports show it.
@Suite("What TCP did, as it is shown")
struct TransportOutputTests {
  private var story: Story {
    get throws { try #require(Story.all.first { $0.name == "impaired-link" }) }
  }

  @Test func messagesSayWhatHappenedToThem() throws {
    let events = try story.events()
    let messages = events.named("message")
    let told = messages.compactMap { $0.object("tcp") }
    // Most came in their turn, and say nothing.
    #expect((10..<messages.count / 2).contains(told.count))
    #expect(told.contains { $0.int("late_bytes") ?? 0 > 0 })
    #expect(told.contains { $0.bool("zero_window") ?? false })
    #expect(!events.contains { $0.name == "retransmission" })
    for close in events.named("session_close") {
      for side in ["client", "server"] {
        let rtt = close.object("tcp")?.object(side)?.object("rtt")
        #expect(rtt?.int("samples") ?? 0 > 0)
      }
    }
  }

  @Test func withTheOptionEveryMessageDoes() throws {
    let events = try story.events("--tcp")
    #expect(events.named("message").allSatisfy { $0.object("tcp") != nil })
    let again = events.filter { $0.name == "retransmission" }
    #expect(!again.isEmpty)
    // They sum up to what the sessions say.
    let bytes = again.reduce(0) { $0 + ($1.int("bytes") ?? 0) }
    let sums = events.named("session_close").flatMap { close in
      ["client", "server"].compactMap { close.object("tcp")?.object($0)?.int("retransmitted_bytes") }
    }
    #expect(bytes == sums.reduce(0, +))
  }

  @Test func textShowsItOnlyWhenAsked() throws {
    let plain = try Tool.run([story.capture]).text
    #expect(!plain.contains("tcp"))
    let shown = try Tool.run(["--tcp", story.capture]).text
    for words in [
      "behind a gap", "presumably sent again", "the receiver's window was zero", "round trip", "again ",
    ] {
      #expect(shown.contains(words), "\(words)")
    }
    let others = shown.split(separator: "\n").filter { !$0.contains("     tcp") && !$0.contains(" again  ") }
    #expect(others == plain.split(separator: "\n"))
  }

  @Test func totalsAreTheSame() throws {
    #expect(try Tool.run(["-q", "--tcp", story.capture]).text == Tool.run(["-q", story.capture]).text)
  }

  @Test func theDocumentHasItToo() throws {
    let document = try Tool.run(["export", "--to", "json", "--tcp", story.capture]).text
    #expect(document.contains("\"tcp\":{\"stream_offset\""))
    #expect(document.contains("\"event\":\"retransmission\""))
  }
}
