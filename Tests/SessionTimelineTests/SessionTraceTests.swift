import HTTP1
import PacketLayers
import TCPReassembly
import TestSupport
import Testing
import WireBytes

@testable import SessionTimeline

@Suite struct SessionTraceTests {
  @Test("The address that a proxy forwards for is kept for the search for other legs")
  func forwardedFor() throws {
    let exchange = HTTPExchange()
    let request = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nX-Forwarded-For: 10.0.0.9\r\n\r\n"
    let place = StreamPosition(offset: 0, packet: 1, time: .testStart)
    _ = exchange.receive(Array(request.utf8).span, from: .client, at: place)
    guard case .upgradeRequested(let head)? = exchange.takeEvents().first else {
      Issue.record("no request")
      return
    }
    let end = Endpoint(address: IPAddress(ipv4: 1), port: 1)
    let trace = SessionTrace(
      SessionReference(number: 1, start: .testStart), client: end, server: end,
      handshake: Handshake(request: head, response: nil))
    let log = LegLog(trace, start: .testStart, startsLate: true, isOnTrial: false)
    #expect(log.forwardedFor == ["10.0.0.9"])
    #expect(!log.isSearched)
  }
}
