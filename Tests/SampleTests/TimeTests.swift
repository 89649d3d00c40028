import Testing

@Suite("Times in JSON")
struct TimeTests {
  @Test("Every time is RFC 3339 in UTC with nine digits, within the capture's", arguments: Story.all)
  func times(_ story: Story) throws {
    // By hand, not as events: a broken time may break its line.
    let outcome = try Tool.run(["--json", story.capture])
    let range = try #require(try outcome.events().last)
    let (first, last) = (try #require(range.string("first_time")), try #require(range.string("last_time")))
    var seen = 0
    for line in outcome.lines.dropLast() {
      for match in line.matches(of: /"(?:start_)?time":"([^"]*)"/) {
        seen += 1
        let time = match.output.1
        #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z/) != nil, "\(line)")
        #expect(first <= time && time <= last, "\(line)")
      }
    }
    #expect(seen > 0)
  }
}
