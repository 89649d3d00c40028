import Foundation
import Testing

/// Sides whose frames do not follow one another, although nothing is missing.
@Suite struct OutOfStepTests {
  @Test(
    "A frame within another one: the messages behind it are shown, and nobody closes with what is payload")
  func interleaved() throws {
    let capture = "Tests/Cases/framing/out-of-step-names-wrong-closer.pcap"
    let events = try Tool.run(["--json", capture]).events()
    let messages = events.named("message")
    #expect(messages.map { String(decoding: $0.payload, as: UTF8.self) } == (0..<3).map { "{\"n\":\($0)}" })
    #expect(messages.compactMap { $0.int("first_packet") } == [10, 12, 14])
    #expect(events.named("close").map(\.from) == ["client"])
    let finding = try #require(events.named("anomaly").first)
    #expect(finding.string("rule") == "out_of_step")
    #expect(finding.int("packet") == 8)
    #expect(finding.string("detail")?.hasPrefix("another frame begins at byte 38 of its payload: ") == true)
    let close = try #require(events.named("session_close").first)
    #expect(close.string("closed_by") == "client")
    #expect(close.int("code") == 1002)
    #expect(close.string("verdict")?.hasSuffix("after out_of_step by the server in packet 8") == true)
    #expect(close.int("unexplained_bytes") == 114)
  }
}
