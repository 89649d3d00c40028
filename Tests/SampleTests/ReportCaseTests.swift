import Testing

@Suite("What the text says of small captures")
struct ReportCaseTests {
  @Test func theResetAfterAClosingHandshake() throws {
    let outcome = try Tool.run(["Tests/Cases/report/rst-after-close-handshake-not-in-text.pcap"])
    #expect(outcome.lines.contains("     packet 13: RST from the server"))
  }

  @Test func aHeartbeatOnceIsNoLine() throws {
    let outcome = try Tool.run(["Tests/Cases/report/2probe-counted-as-heartbeat.pcap"])
    #expect(!outcome.text.contains("heartbeat:"))
  }
}
