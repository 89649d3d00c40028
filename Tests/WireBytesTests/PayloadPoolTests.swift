import TestSupport
import Testing
import WireBytes

@Suite struct PayloadPoolTests {
  @Test func whatIsAnnouncedGetsRoomAtOnceButOnlyForSomeTimesWhatCame() {
    var pool = PayloadPool(mostBytes: 1 << 20)
    var buffer = PayloadBuffer()
    pool.reserve(1448, expecting: 65_536, in: &buffer)
    #expect(buffer.capacity == 4 * 1448)
    buffer.append([UInt8](repeating: 1, count: 1448).span)
    pool.reserve(23_000, expecting: 65_536, in: &buffer)
    #expect(buffer.capacity == 65_536)
    var boastful = PayloadBuffer()
    pool.reserve(100, expecting: .max, in: &boastful)
    #expect(boastful.capacity <= 400)
  }

  @Test func memoryThatWasTakenIsGivenToTheNext() {
    var pool = PayloadPool(mostBytes: 1 << 20)
    for size in [8192, 131_072, 65_536, 16_384] {
      var buffer = PayloadBuffer()
      buffer.append([UInt8](repeating: 7, count: size).span)
      pool.take(&buffer)
      #expect(buffer.capacity == 0 && buffer.count == 0)
    }
    let held = pool.bytes
    #expect(held >= 221_184)
    // One that fits, whenever it was given.
    var buffer = PayloadBuffer()
    pool.reserve(1, expecting: 100_000, in: &buffer)
    #expect((131_072..<262_144).contains(buffer.capacity))
    #expect(pool.bytes == held - buffer.capacity)
    pool.take(&buffer)
    #expect(pool.bytes == held)
    // Small ones are none of its business.
    var small = PayloadBuffer()
    pool.reserve(100, expecting: 200, in: &small)
    pool.take(&small)
    #expect(pool.bytes == held && small.capacity == 0)
  }

  @Test func itHoldsNoMoreThanItMay() {
    var pool = PayloadPool(mostBytes: 100_000)
    for _ in 0..<200 {
      var buffer = PayloadBuffer()
      buffer.append([UInt8](repeating: 7, count: 9000).span)
      pool.take(&buffer)
    }
    #expect((80_000...100_000).contains(pool.bytes))
    var many = PayloadPool(mostBytes: .max)
    for _ in 0..<1000 {
      var buffer = PayloadBuffer()
      buffer.append([UInt8](repeating: 7, count: 4096).span)
      many.take(&buffer)
    }
    #expect(many.bytes <= 1 << 20)
  }

  @Test func bytesStayWhatTheyAreWhateverMemoryTheyAreIn() {
    var random = SeededRandom.fresh()
    var pool = PayloadPool(mostBytes: 300_000)
    for _ in 0..<300 {
      var buffer = PayloadBuffer()
      var bytes: [UInt8] = []
      let announced = Bool.random(using: &random) ? Int.random(in: 0...100_000, using: &random) : 0
      for _ in 0..<Int.random(in: 0...12, using: &random) {
        let piece = [UInt8](
          repeating: UInt8.random(in: .min ... .max, using: &random),
          count: Int.random(in: 0...9000, using: &random))
        pool.reserve(piece.count, expecting: announced, in: &buffer)
        #expect(buffer.capacity >= buffer.count + piece.count)
        buffer.append(piece.span)
        bytes += piece
      }
      let kept = buffer.bytes.toArray()
      #expect(kept == bytes, "\(random)")
      pool.take(&buffer)
    }
  }
}
