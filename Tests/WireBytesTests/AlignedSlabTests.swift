import Testing
import WireBytes

@Suite struct AlignedSlabTests {
  /// Counts how many of its kind are alive.
  private struct Guest: ~Copyable {
    final class Count { var alive = 0 }
    let count: Count
    var name: Int
    /// As large as what the slab is for, and then some.
    var ballast: InlineArray<20, UInt64> = InlineArray(repeating: 7)

    init(_ name: Int, _ count: Count) {
      (self.name, self.count) = (name, count)
      count.alive += 1
    }

    deinit { count.alive -= 1 }
  }

  @Test func elementsKeepTheirValuesWhileTheSlabGrows() {
    let count = Guest.Count()
    var slab = AlignedSlab<Guest>()
    for name in 0..<1000 { slab.append(Guest(name, count)) }
    #expect(slab.count == 1000)
    for index in 0..<1000 {
      #expect(slab[index].name == index)
      #expect(slab[index].ballast[19] == 7)
    }
  }

  @Test func anElementCanBeChangedInPlaceAndReplaced() {
    let count = Guest.Count()
    var slab = AlignedSlab<Guest>()
    for name in 0..<3 { slab.append(Guest(name, count)) }
    slab[1].name = 41
    slab[1].name += 1
    #expect(slab[1].name == 42)
    slab[2] = Guest(9, count)
    #expect(slab[2].name == 9)
    #expect(count.alive == 3)
  }

  @Test func everyElementIsReleasedOnce() {
    let count = Guest.Count()
    do {
      var slab = AlignedSlab<Guest>()
      for name in 0..<100 { slab.append(Guest(name, count)) }
      #expect(count.alive == 100)
      for index in [-1, 0, 99, 100, .max] { slab.prefetch(index) }
    }
    #expect(count.alive == 0)
  }
}
