import TestSupport
import Testing

@testable import TCPReassembly

@Suite struct EvictionOrderTests {
  @Test(
    "Each list is in the order in which slots were put into it last, whatever is taken out", arguments: 1...5)
  func lists(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var order = EvictionOrder()
    var model = [[Int]](repeating: [], count: EvictionOrder.Rank.allCases.count)
    for slot in 0..<40 {
      order.put(slot, in: .closed, packet: 0)
      model[Int(EvictionOrder.Rank.closed.rawValue)].append(slot)
    }
    for packet in 0..<5000 as Range<UInt64> {
      let slot = Int.random(in: 0..<40, using: &random)
      let rank = EvictionOrder.Rank.allCases.randomElement(using: &random) ?? .closed
      for list in model.indices { model[list].removeAll { $0 == slot } }
      if Bool.random(using: &random) {
        order.put(slot, in: rank, packet: packet)
        model[Int(rank.rawValue)].append(slot)
        let (same, other) = (order.isUnheard(slot, since: packet), order.isUnheard(slot, since: packet + 1))
        #expect(same && !other)
      } else {
        order.remove(slot)
      }
      for rank in EvictionOrder.Rank.allCases {
        let first = order.first(of: rank)
        #expect(first == model[Int(rank.rawValue)].first, "seed \(seed)")
      }
    }
  }
}
