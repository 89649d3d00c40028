import HTTP1
import PacketLayers
import TCPReassembly
import TestSupport
import Testing
import WireBytes

@testable import SessionAnalysis

@Suite struct SessionTraceTests {
  @Test("The address that a proxy forwards for is kept for the search for other legs")
  func forwardedFor() throws {
    let exchange = HTTP1Exchange()
    let request = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nX-Forwarded-For: 10.0.0.9\r\n\r\n"
    let place = StreamPosition(offset: 0, packet: 1, time: .testStart)
    guard case .found(let events) = exchange.receive(Array(request.utf8).span, from: .client, at: place),
      case .upgradeRequested(let head)? = events.first
    else {
      Issue.record("no request")
      return
    }
    let end = Endpoint(address: IPAddress(ipv4: 1), port: 1)
    let trace = SessionTrace(
      SessionReference(number: 1, start: .testStart), client: end, server: end,
      handshake: Handshake(request: head, response: nil))
    let candidate = ProxyLegCandidate(trace, start: .testStart, startsLate: true, isOnTrial: false)
    #expect(candidate.forwardedFor == ["10.0.0.9"])
    #expect(!candidate.isSearched)
  }
}
