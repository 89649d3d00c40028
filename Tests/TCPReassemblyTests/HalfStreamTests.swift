import Testing
import WireBytes

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
      half.synchronize(at: 90 &+ shift)
      half.advance(10)
      #expect(half.acknowledgedAhead == 0, "not acknowledged so far")
      half.acknowledge(acknowledged &+ shift)
      if let fin { half.takeFin(fin &+ shift, in: 9, at: .testStart) }
      #expect(half.acknowledgedAhead == expected)
      #expect(half.offset == 10)
    }
  }

  @Test(
    "A stream whose SYN was not captured begins where either side said that it was, if that is near",
    arguments: [
      (1000, 20, nil, nil, 1000),  // nothing was said
      (1000, 20, 999, nil, 1000),  // the SYN is the byte before
      (1000, 20, 989, nil, 990),  // ten bytes are late
      (1000, 20, 998, nil, 1000),  // one byte: a keep-alive probe
      (1000, 20, nil, 900, 900),
      (1000, 20, 979, 990, 990),  // the nearer one of both
      (1000, 20, 989, 980, 990),
      (1000, 20, nil, 1001, 1000),  // acknowledged already: not the first byte
      (1000, 1, nil, 1001, 1001),  // a keep-alive probe
      (1000, 2, nil, 1001, 1000),  // one byte more than that
      (1000, 0, nil, 1001, 1000),
      (999, 1, nil, 1001, 999),
      (1000, 20, 1000 &- (1 << 21), 1000 &- (1 << 21), 1000),  // too far away
    ] as [(UInt32, Int, UInt32?, UInt32?, UInt32)])
  func start(sequence: UInt32, length: Int, initial: UInt32?, acknowledged: UInt32?, expected: UInt32) {
    for shift in [0, 0 &- 990, 1 << 31] as [UInt32] {
      var half = HalfStream()
      if let initial { half.setInitialSequence(initial &+ shift) }
      if let acknowledged { half.acknowledge(acknowledged &+ shift) }
      #expect(half.start(firstSegmentAt: sequence &+ shift, length: length) == expected &+ shift)
    }
  }

  @Test(
    "A sequence number is an offset of the stream, 0 for one before its first byte",
    arguments: [(90, 0), (95, 5), (100, 10), (130, 40), (89, 0), (100 &- (1 << 30), 0)] as [(UInt32, UInt64)])
  func offset(sequence: UInt32, expected: UInt64) {
    for shift in [0, 0 &- 95, 1 << 31] as [UInt32] {
      var half = HalfStream()
      #expect(half.offset(of: sequence &+ shift) == nil)
      half.synchronize(at: 90 &+ shift)
      half.advance(10)
      #expect(half.offset(of: sequence &+ shift) == expected)
    }
  }

  @Test(
    "An honest RST is where the sender or the receiver is",
    arguments: [
      (100, true), (101, false), (150, false),
      // What the receiver asked for, up to what was sent.
      (99, true), (95, true), (94, false),
      // The end of what waits after a gap.
      (125, true), (120, false),
    ] as [(UInt32, Bool)])
  func reset(sequence: UInt32, isHonest: Bool) {
    var half = HalfStream()
    #expect(half.isPlaceOfReset(sequence), "nothing is known")
    half.synchronize(at: 90)
    half.advance(10)
    half.acknowledge(95)
    let pending = SegmentBuffer()
    let position = StreamPosition(offset: 30, packet: 1, time: CaptureTime(nanoseconds: 0))
    let bytes: [UInt8] = [1, 2, 3, 4, 5]
    _ = pending.insert(Delivery(bytes.span, at: position, peerAcknowledged: nil), cutBytes: 0)
    half.pending = pending
    #expect(half.isPlaceOfReset(sequence) == isHonest)
  }

  @Test(
    "After a FIN an honest RST may also be there, or right behind it",
    arguments: [(119, false), (120, true), (121, true), (122, false), (100, true), (101, false)]
      as [(UInt32, Bool)])
  func resetAfterFin(sequence: UInt32, isHonest: Bool) {
    for shift in [0, 0 &- 110, 1 << 31] as [UInt32] {
      var half = HalfStream()
      half.synchronize(at: 90 &+ shift)
      half.advance(10)
      half.takeFin(120 &+ shift, in: 1, at: .testStart)
      #expect(half.isPlaceOfReset(sequence &+ shift) == isHonest)
    }
  }

  @Test(
    "A FIN is not before bytes that are known, and not far after all that was acknowledged",
    arguments: [(100, true), (110, true), (99, false), (100 + (17 << 20), false)] as [(UInt32, Bool)])
  func fin(sequence: UInt32, isPossible: Bool) {
    var half = HalfStream()
    half.synchronize(at: 90)
    half.advance(10)
    half.acknowledge(100)
    #expect(half.isPlaceOfFin(sequence) == isPossible)
  }
}
