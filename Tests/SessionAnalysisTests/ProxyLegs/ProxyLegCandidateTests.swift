import PacketLayers
import TCPReassembly
import TestSupport
import Testing
import WireBytes

@testable import SessionAnalysis

@Suite struct ProxyLegCandidateTests {
  @Test(
    "64 messages of a session are remembered, without a sign of a proxy 16 if they are large",
    arguments: [
      (true, 1 << 20, 16), (true, 100_000, 16), (true, 40_000, 27), (true, 16_000, 64), (true, 0, 64),
      (false, 1 << 20, 64),
    ])
  func limits(isUnlikely: Bool, bytes: Int, expected: Int) {
    let end = Endpoint(address: IPAddress(ipv4: 1), port: 1)
    let trace = SessionTrace(
      SessionReference(number: 1, start: .testStart), client: end, server: end, handshake: nil)
    let candidate = ProxyLegCandidate(
      trace, start: .testStart, startsLate: false, isOnTrial: true, isUnlikely: isUnlikely)
    for number in 0..<100 {
      let message = MessageFingerprint(number: UInt64(number), hash: 1, bytes: UInt64(bytes), at: .testStart)
      candidate.add(message, from: number % 2 == 0 ? .client : .server)
    }
    #expect(candidate.isFull && candidate.count == expected)
  }
}
