import Foundation
import Testing
import WireBytes

@Suite("Every byte is accounted for")
struct AccountingTests {
  @Test("A stream is frames, lost and unexplained bytes, and nothing is lost", arguments: Story.all)
  func sides(_ story: Story) throws {
    let events = try story.events()
    let openings = events.openings
    for close in events.named("session_close") {
      #expect(openings[close.session]?.int("tcp_stream") != nil)
      var unexplained = 0
      for side in Side.allCases {
        let counts = try #require(close.object(side.name))
        let sum = ["wire_bytes", "lost_bytes", "unexplained_bytes"].map { counts.int($0) ?? -1 }.reduce(0, +)
        #expect(counts.int("stream_bytes") == sum, "\(side) of session \(close.session)")
        #expect(counts.int("lost_bytes") == 0)
        unexplained += counts.int("unexplained_bytes") ?? 0
      }
      #expect(unexplained == 0)
      #expect(close.int("unexplained_bytes") == unexplained)
      #expect(close.int("lost_bytes") == 0)
    }
  }

  @Test("A side's stream has as many bytes as its packets had behind the upgrade", arguments: Story.all)
  func streams(_ story: Story) throws {
    let events = try story.events()
    let recorded = try RecordedConversation.all(in: story)
    let openings = events.openings
    for close in events.named("session_close") {
      let opening = try #require(openings[close.session])
      let conversation = recorded[try #require(opening.int("tcp_stream"))]
      #expect(conversation.client.port == opening.object("client")?.int("port"))
      #expect(conversation.server.port == opening.object("server")?.int("port"))
      guard opening.object("response")?.int("status") == 101 else { continue }
      for side in Side.allCases {
        #expect(
          close.object(side.name)?.int("stream_bytes") == conversation.bytesAfterUpgrade(of: side),
          "\(side) of session \(close.session)")
      }
    }
  }

  @Test("The totals of a side are the sums of its events", arguments: Story.all)
  func totals(_ story: Story) throws {
    let events = try story.events("--frames")
    for close in events.named("session_close") {
      for side in Side.allCases {
        let own = events.filter { $0.session == close.session && $0.from == side.name }
        try compare(try #require(close.object(side.name)), own, "\(side) of session \(close.session)")
      }
    }
  }

  private func compare(_ counts: Event, _ own: [Event], _ place: Comment) throws {
    let (messages, frames) = (own.named("message"), own.named("frame"))
    #expect(counts.int("messages") == messages.count, place)
    #expect(counts.int("bytes") == messages.sum("bytes"), place)
    #expect(counts.int("frames") == frames.count, place)
    #expect(counts.int("pings") == own.named("ping").count, place)
    #expect(counts.int("pongs") == own.named("pong").count, place)
    #expect(counts.int("lost_bytes") == own.named("gap").sum("bytes"), place)
    #expect(
      counts.int("wire_bytes")
        == frames.sum("header_bytes") + frames.sum("payload_bytes") - frames.sum("missing_bytes"), place)
    let dataFrames = frames.filter { ($0.int("opcode") ?? 15) < 3 }
    #expect(
      messages.sum("wire_bytes") == dataFrames.sum("header_bytes") + dataFrames.sum("payload_bytes"), place)
    #expect(messages.sum("frames") == dataFrames.count, place)
    for message in messages where message.bool("inflated") ?? true {
      #expect(message.payload.count == message.int("bytes"), place)
    }
    for frame in frames {
      #expect(
        frame.payload.count == (frame.int("payload_bytes") ?? 0) - (frame.int("missing_bytes") ?? 0), place)
    }
  }

  @Test("Sessions open, have their events and close; the capture's end is last", arguments: Story.all)
  func order(_ story: Story) throws {
    let events = try story.events("--frames")
    #expect(events.named("capture_end").count == 1)
    #expect(events.last?.name == "capture_end")
    #expect(events.last?.int("sessions") == events.named("session_open").count)
    #expect(events.last?.int("connections") == (try RecordedConversation.all(in: story)).count)
    let sessions = Dictionary(grouping: events.dropLast(), by: \.session)
    #expect(sessions.keys.sorted() == Array(1...sessions.count))
    for own in sessions.values {
      #expect(own.first?.name == "session_open")
      #expect(own.last?.name == "session_close")
      #expect(own.named("session_open").count + own.named("session_close").count == 2)
    }
  }

  @Test(
    "Without their payloads messages are the same, though another thread looks at them", arguments: Story.all)
  func withoutPayloads(_ story: Story) throws {
    let (whole, without) = (try story.events(), try story.events("--max-payload", "0"))
    func told(_ events: [Event]) -> [String] {
      events.named("message").map { $0.without("text", "base64", "shown_bytes").canonical }
        + events.named("anomaly").filter { $0.string("rule") != "legs_differ" }.map(\.canonical)
        + events.named("session_close").flatMap { close in
          Side.allCases.map { "\(close.session) " + (close.object($0.name)?.canonical ?? "") }
        }
    }
    #expect(told(whole) == told(without))
    #expect(!told(whole).isEmpty)
  }

  @Test("export --to json has the same sessions and events as --json", arguments: Story.all)
  func document(_ story: Story) throws {
    let outcome = try Tool.run(["export", "--to", "json", story.capture])
    #expect(outcome.status == 0)
    let document = try Event(line: outcome.text)
    let events = try story.events()

    #expect(document.string("format") == "wstap/1")
    #expect(document.object("capture")?.canonical == events.last?.without("event").canonical)
    let sessions = try #require(document.objects("sessions"))
    #expect(sessions.map(\.session).sorted() == events.openings.keys.sorted())
    for session in sessions {
      let own = events.dropLast().filter { $0.session == session.session }
      #expect(session.without("events", "close").canonical == own.first?.canonical)
      #expect(session.object("close")?.canonical == own.last?.canonical)
      let inside = try #require(session.objects("events"))
      #expect(inside.map(\.canonical) == own.dropFirst().dropLast().map(\.canonical))
    }
  }
}

extension [Event] {
  /// The sum of a number that may be absent.
  func sum(_ name: String) -> Int { reduce(0) { $0 + ($1.int(name) ?? 0) } }
}
