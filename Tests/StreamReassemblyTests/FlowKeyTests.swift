import PacketLayers
import TestSupport
import Testing

@testable import StreamReassembly

@Suite struct FlowKeyTests {
  private func key(
    _ a: IPAddress, _ p: UInt16, _ b: IPAddress, _ q: UInt16
  ) -> (key: FlowKey, reversed: Bool) {
    FlowKey.of(
      TCPSegment(
        source: a, destination: b, sourcePort: p, destinationPort: q, sequence: 0, flags: .ack))
  }

  @Test("Both directions have one key, and say who sent", arguments: [0, 1, 2, 3])
  func bothDirections(part: Int) {
    // The ends differ in one part only: upper half, lower half, port, or nothing.
    let a = IPAddress(high: 1, low: 1)
    let b = IPAddress(high: part == 0 ? 2 : 1, low: part == 1 ? 2 : 1)
    let (p, q): (UInt16, UInt16) = (5, part == 2 ? 6 : 5)
    let there = key(a, p, b, q)
    let back = key(b, q, a, p)
    #expect(there.key == back.key)
    #expect(there.key.low == Endpoint(address: a, port: p))
    #expect(there.key.high == Endpoint(address: b, port: q))
    #expect(!there.reversed)
    #expect(back.reversed == (part != 3))
  }
}
