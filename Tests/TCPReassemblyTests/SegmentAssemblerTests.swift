import TestSupport
import Testing

@testable import TCPReassembly

/// Ranges by their printed form.
@Suite struct SegmentAssemblerTests {
  /// An assembler with these ranges, inserted one after the other.
  private func assembler(_ ranges: [Range<UInt64>]) -> SegmentAssembler {
    var assembler = SegmentAssembler()
    for range in ranges { insert(range, into: &assembler) }
    return assembler
  }

  @discardableResult
  private func insert(_ range: Range<UInt64>, into assembler: inout SegmentAssembler) -> [SegmentAssembler
    .Piece]
  {
    var (pieces, rest) = ([SegmentAssembler.Piece](), range)
    while let piece = assembler.insert(startOf: rest) {
      pieces.append(piece)
      rest = piece.end..<range.upperBound
    }
    return pieces
  }

  @Test(
    "What is there after ranges were inserted in this order",
    arguments: [
      ([], ""),
      ([5..<8], "5..<8"),
      ([5..<5], ""),
      ([5..<8, 10..<12], "5..<8 10..<12"),
      ([10..<12, 5..<8], "5..<8 10..<12"),
      // Ranges that touch stay apart: they have packets of their own.
      ([5..<8, 8..<9], "5..<8 8..<9"),
      ([8..<9, 5..<8], "5..<8 8..<9"),
      // The same again, and parts of it.
      ([5..<8, 5..<8], "5..<8"),
      ([5..<8, 5..<6], "5..<8"),
      ([5..<8, 6..<7], "5..<8"),
      ([5..<8, 7..<8], "5..<8"),
      // Only what is new is added, before, after and around.
      ([5..<8, 3..<6], "3..<5 5..<8"),
      ([5..<8, 7..<10], "5..<8 8..<10"),
      ([5..<8, 3..<10], "3..<5 5..<8 8..<10"),
      ([5..<8, 10..<12, 0..<20], "0..<5 5..<8 8..<10 10..<12 12..<20"),
      ([5..<8, 10..<12, 6..<11], "5..<8 8..<10 10..<12"),
      ([0..<1, 2..<3, 4..<5, 0..<5], "0..<1 1..<2 2..<3 3..<4 4..<5"),
    ] as [([Range<UInt64>], String)])
  func inserted(ranges: [Range<UInt64>], expected: String) {
    #expect(assembler(ranges).description == expected)
  }

  @Test("Each piece says whether it is new, and where it is")
  func pieces() {
    var assembler = assembler([5..<8, 10..<12])
    #expect(insert(20..<20, into: &assembler) == [])
    #expect(
      insert(3..<11, into: &assembler) == [
        .new(3..<5, at: 0), .repeated(5..<8, in: 1), .new(8..<10, at: 2), .repeated(10..<11, in: 3),
      ])
    #expect(insert(11..<14, into: &assembler) == [.repeated(11..<12, in: 3), .new(12..<14, at: 4)])
    #expect(assembler.description == "3..<5 5..<8 8..<10 10..<12 12..<14")
  }

  @Test("The first range is taken when its turn has come")
  func taking() {
    var assembler = assembler([5..<8, 8..<9, 20..<30])
    #expect(assembler.takeFirst(startingBy: 4) == nil)
    #expect(assembler.takeFirst(startingBy: 5) == 5..<8)
    #expect(assembler.takeFirst(startingBy: 8) == 8..<9)
    #expect(assembler.takeFirst(startingBy: 9) == nil)
    #expect(assembler.takeFirst(startingBy: 25) == 20..<30)
    #expect(assembler.takeFirst(startingBy: .max) == nil)
  }

  @Test(
    "The first range that ends after an offset",
    arguments: [(0, 0), (7, 0), (8, 1), (11, 1), (12, 2), (29, 2), (30, 3)] as [(UInt64, Int)])
  func ending(offset: UInt64, index: Int) {
    #expect(assembler([5..<8, 10..<12, 20..<30]).firstIndex(endingAfter: offset) == index)
  }

  @Test("Random insertions keep the invariant, and each offset is new exactly once")
  func random() {
    var random = SeededRandom.fresh()
    let note: Comment = "\(random)"
    for _ in 0..<200 {
      var assembler = SegmentAssembler()
      var model = [Bool](repeating: false, count: 300)
      for _ in 0..<40 {
        let start = UInt64.random(in: 0..<250, using: &random)
        let range = start..<start + UInt64.random(in: 0..<50, using: &random)
        var next = range.lowerBound
        for piece in insert(range, into: &assembler) {
          let (part, isNew) =
            switch piece {
            case .new(let part, _): (part, true)
            case .repeated(let part, _): (part, false)
            }
          #expect(part.lowerBound == next && !part.isEmpty, note)
          next = part.upperBound
          for offset in part {
            #expect(model[Int(offset)] != isNew, note)
            model[Int(offset)] = true
          }
        }
        #expect(next == range.upperBound, note)
        var end: UInt64 = 0
        for range in assembler.ranges {
          #expect(!range.isEmpty && range.lowerBound >= end, note)
          end = range.upperBound
        }
      }
      var held = [Bool](repeating: false, count: 300)
      for range in assembler.ranges { for offset in range { held[Int(offset)] = true } }
      #expect(held == model, note)
    }
  }
}
