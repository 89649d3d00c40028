import Testing
import WireBytes

@Suite("One budget for everything that waits")
struct MemoryBudgetTests {
  @Test(
    "However many grow at once, each comes to its part, and a small one finds room", arguments: [1, 2, 9, 99])
  func parts(count: Int) {
    let budget = MemoryBudget(limit: 100_000)
    var held = [Int](repeating: 0, count: count)
    var hasGrown = true
    while hasGrown {
      hasGrown = false
      for index in held.indices where budget.allows(held[index] + 10, holding: held[index]) {
        var charged = held[index]
        budget.update(&charged, to: charged + 10)
        held[index] = charged
        hasGrown = true
      }
    }
    let part = 75_000 / (count + 1)
    for bytes in held { #expect((part - 20...part + 20).contains(bytes)) }
    #expect(budget.used == held.reduce(0, +))
    #expect(!budget.isOver)
    #expect(budget.allows(part / 2, holding: 0))
  }

  @Test("What cannot be shortened is granted, and more than the limit is too much")
  func granted() {
    let budget = MemoryBudget(limit: 1000)
    budget.add(1000)
    #expect(!budget.isOver)
    budget.add(1)
    #expect(budget.isOver)
    #expect(!budget.allows(1, holding: 0))
    #expect(budget.allows(7, holding: 7), "what is held stays")
    budget.add(-500)
    #expect(!budget.isOver)
    #expect((budget.used, budget.peak) == (501, 1001))
  }

  @Test("The usual limit is one that a machine has")
  func usual() {
    #expect(MemoryBudget.defaultLimit >= 1 << 20)
    #expect(MemoryBudget.defaultLimit <= 1 << 30)
  }
}
