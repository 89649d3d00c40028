import TestSupport
import Testing
import WebSocketCapture

@Suite struct PacketTimeTests {
  @Test("A time is shown as RFC 3339 with nine digits, and counts nanoseconds")
  func description() throws {
    var tcp = TCPConversation()
    tcp.upgrade()
    let opened = try #require(try events(of: tcp.packets).opened.first)
    // The fifth packet, four milliseconds after the first.
    #expect(opened.time.description == "2026-11-20T09:12:03.004000000Z")
    #expect(opened.time.nanosecondsSince1970 == 1_795_165_923_004_000_000)
  }

  @Test("The earlier time is the smaller one")
  func order() throws {
    var tcp = TCPConversation()
    tcp.upgrade()
    tcp.close()
    let events = try events(of: tcp.packets)
    let (opened, closed) = (try #require(events.opened.first), try #require(events.closed.first))
    #expect(opened.time < closed.time)
    #expect(try #require(events.ended.first?.firstTime) < opened.time)
  }
}
