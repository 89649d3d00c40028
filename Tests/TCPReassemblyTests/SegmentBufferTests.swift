import TestSupport
import Testing
import WireBytes

@testable import TCPReassembly

@Suite struct SegmentBufferTests {
  @Test("Random insertions hold each byte once, the first copy, in order")
  func randomInsertions() {
    var random = SeededRandom.fresh()
    let note: Comment = "\(random)"
    for _ in 0..<200 {
      let pending = SegmentBuffer()
      // What a byte-by-byte model holds: nil where nothing waits, 256 where a byte was cut off.
      var model = [Int?](repeating: nil, count: 300)
      var charge = 0
      for packet in 1...30 {
        let start = Int.random(in: 0..<250, using: &random)
        let bytes = random.bytes(Int.random(in: 0..<25, using: &random))
        let cut =
          Int.random(in: 0..<4, using: &random) == 0 ? Int.random(in: 1..<20, using: &random) : 0
        var conflict = false
        for (index, byte) in bytes.enumerated() {
          let old = model[start + index]
          conflict = conflict || old != nil && old != 256 && old != Int(byte)
          model[start + index] = old ?? Int(byte)
        }
        for index in 0..<cut where model[start + bytes.count + index] == nil {
          model[start + bytes.count + index] = 256
        }
        let position = StreamPosition(
          offset: UInt64(start), packet: UInt64(packet), time: CaptureTime(nanoseconds: 0))
        let result = pending.insert(
          Delivery(bytes.span, at: position, peerAcknowledged: UInt64(packet)), cutBytes: cut)
        #expect(result.conflicts == conflict, note)
        charge += result.charge
        #expect(pending.charge == charge, note)
      }
      var held = [Int?](repeating: nil, count: 300)
      var last: UInt64 = 0
      while let first = pending.firstOffset {
        #expect(first >= last, note)
        guard let (range, segment) = pending.takeFirst(startingBy: first) else { break }
        #expect(range.lowerBound == first, note)
        #expect(segment.peerAcknowledged == segment.packet, note)
        for (index, byte) in segment.bytes.enumerated() { held[Int(first) + index] = Int(byte) }
        for index in segment.bytes.count..<range.count { held[Int(first) + index] = 256 }
        last = range.upperBound
      }
      #expect(held == model, note)
      #expect(pending.charge == 0 && pending.count == 0, note)
    }
  }
}
