import PacketLayers
import TestSupport
import Testing

@testable import TCPReassembly

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

  @Test("Keys that differ in one bit differ in the half of the hash that the table keeps")
  func oneBit() {
    var random = SeededRandom.fresh()
    let note: Comment = "\(random)"
    for _ in 0..<20 {
      let seed = HashSeed(random.next())
      let words = (0..<4).map { _ in random.next() }
      let ports = UInt32(truncatingIfNeeded: random.next())
      func hash(_ word: Int, _ bit: Int) -> UInt64 {
        func value(_ index: Int) -> UInt64 { words[index] ^ (index == word ? 1 << UInt64(bit) : 0) }
        let key = FlowKey(
          lowHigh: value(0), lowLow: value(1), highHigh: value(2), highLow: value(3),
          ports: ports ^ (word == 4 ? 1 << UInt32(bit) : 0))
        return key.hash(seed: seed) >> 32
      }
      let plain = hash(5, 0)
      for word in 0..<5 {
        for bit in 0..<(word == 4 ? 32 : 64) {
          #expect(hash(word, bit) != plain, "bit \(bit) of word \(word), \(note)")
        }
      }
    }
  }

  @Test("Neighbouring addresses and ports spread over the table as chance would have it")
  func neighbours() {
    var random = SeededRandom.fresh()
    let seed = HashSeed(random.next())
    var used: Set<UInt64> = []
    let server = IPAddress(ipv4: 0x0a00_0001)
    for host in 0..<64 {
      for port in 0..<64 {
        let client = IPAddress(ipv4: 0xc0a8_0000 + UInt32(host))
        used.insert(key(client, 50_000 + UInt16(port), server, 443).key.hash(seed: seed) >> 32)
      }
    }
    #expect(used.count > 4090, "\(random)")
  }

  @Test("Without the seed nobody finds keys that collide")
  func attack() {
    // These would make one factor of an unseeded mix zero.
    var random = SeededRandom.fresh()
    let seed = HashSeed(random.next())
    for constant: UInt64 in [
      0x9E37_79B9_7F4A_7C15, 0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB, 0, .max,
    ] {
      var used: Set<UInt64> = []
      for value in 0..<1000 as Range<UInt64> {
        let varied = FlowKey(
          lowHigh: constant, lowLow: value, highHigh: constant, highLow: constant, ports: 0)
        let other = FlowKey(
          lowHigh: value, lowLow: constant, highHigh: constant, highLow: constant, ports: 1)
        used.insert(varied.hash(seed: seed) >> 32)
        used.insert(other.hash(seed: seed) >> 32)
      }
      #expect(used.count > 1990, "\(random), constant \(constant)")
    }
  }
}
