import TestSupport
import Testing

@testable import TCPReassembly

@Suite struct FlowTableTests {
  @Test(
    "Random insertions and removals agree with a dictionary, also when many hashes have one home",
    arguments: [UInt64.max, 0x0000_0003_FFFF_FFFF, 0x0000_0FFF_0000_0000, 0])
  func randomOperations(hashBits: UInt64) {
    var random = SeededRandom.fresh()
    let note: Comment = "\(random)"
    var table = FlowTable()
    var reference: [Int: UInt64] = [:]
    let operations = hashBits == .max ? 20_000 : 3000
    for step in 0..<operations {
      let isGrowing = step % 2000 < 1200
      if reference.isEmpty || Int.random(in: 0..<10, using: &random) < (isGrowing ? 7 : 3) {
        let slot = Int.random(in: 0..<1_000_000, using: &random)
        guard reference[slot] == nil else { continue }
        let hash = random.next() & hashBits
        table.insert(hash, slot: slot)
        reference[slot] = hash
      } else if let (slot, hash) = reference.randomElement(using: &random) {
        table.remove(hash, slot: slot)
        reference[slot] = nil
        let found = table.find(hash) { $0 == slot }
        #expect(found == nil, note)
      }
      let count = table.count
      #expect(count == reference.count, note)
    }
    for (slot, hash) in reference {
      let found = table.find(hash) { $0 == slot }
      #expect(found == slot, note)
    }
    for (slot, hash) in reference { table.remove(hash, slot: slot) }
    let count = table.count
    #expect(count == 0, note)
  }

  @Test("Removing a slot that is not there changes nothing")
  func removeUnknown() {
    var table = FlowTable()
    table.insert(5 << 32, slot: 1)
    table.remove(5 << 32, slot: 2)
    table.remove(6 << 32, slot: 1)
    let found = table.find(5 << 32) { $0 == 1 }
    let count = table.count
    #expect(found == 1)
    #expect(count == 1)
  }
}
