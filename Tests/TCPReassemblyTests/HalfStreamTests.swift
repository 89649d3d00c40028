import Testing

@testable import TCPReassembly

@Suite struct HalfStreamTests {
  @Test(
    "Sequence numbers are compared in a circle",
    arguments: [
      (5, 3, 2), (3, 5, -2), (0, .max, 1), (.max, 0, -1), (2, .max - 2, 5),
      (1 << 31, 1, Int(Int32.max)),
      (1 << 31, 0, Int(Int32.min)), (7, 7, 0),
    ] as [(UInt32, UInt32, Int)])
  func distance(a: UInt32, b: UInt32, expected: Int) {
    #expect(sequenceDistance(a, from: b) == expected)
  }

  @Test(
    "Of what is acknowledged, the FIN is no byte",
    arguments: [
      (100, nil, 0),  // all is there
      (99, nil, -1),  // an old acknowledgment
      (101, nil, 0),  // a FIN whose packet was lost
      (110, nil, 10),
      (101, 100, 0),  // the FIN
      (111, 110, 10),  // ten bytes and the FIN
      (105, 110, 5),
    ] as [(UInt32, UInt32?, Int)])
  func acknowledgedAhead(acknowledged: UInt32, fin: UInt32?, expected: Int) {
    for shift in [0, 0 &- 100, 0 &- 105, 1 << 31] as [UInt32] {
      var half = HalfStream()
      #expect(half.acknowledgedAhead == 0)
      half.begin(at: 90 &+ shift)
      half.advance(10)
      half.acknowledged = acknowledged &+ shift
      #expect(half.acknowledgedAhead == 0, "not acknowledged so far")
      half.isAcknowledged = true
      if let fin {
        half.sawFin = true
        half.finSequence = fin &+ shift
      }
      #expect(half.acknowledgedAhead == expected)
      #expect(half.offset == 10)
    }
  }
}
