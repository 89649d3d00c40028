import PacketLayers
import Testing
import WireBytes

@testable import TCPReassembly

@Suite struct OutOfOrderTests {
  @Test("Every order of five segments gives the same bytes, each with its own packet")
  func everyPermutation() {
    let segments = [(0, "ab"), (2, "c"), (3, "defg"), (7, "hi"), (9, "jkl")]
    for order in permutations(of: Array(segments.indices)) {
      let wire = Wire()
      wire.handshake()
      for index in order { wire.client(segments[index].0, segments[index].1) }
      #expect(wire.clientText == "abcdefghijkl", "order \(order)")
      #expect(wire.pendingCharge == 0)
      wire.finish()
      let stream = wire.connection.client
      #expect(stream.offsets == Array(0..<12))
      #expect(stream.gaps.isEmpty)
      for (turn, index) in order.enumerated() {
        let packet = UInt64(4 + turn)
        let time = 1_000_003_000 + Int64(turn) * 1000
        #expect(stream.packets[segments[index].0] == packet, "bytes that waited keep their packet")
        #expect(stream.times[segments[index].0] == time, "bytes that waited keep their time")
      }
    }
  }

  @Test("Every order of five overlapping segments gives the same bytes")
  func everyPermutationWithOverlap() {
    let text = Array("abcdefghijkl")
    let ranges = [0..<4, 2..<6, 3..<5, 5..<12, 8..<11]
    for order in permutations(of: Array(ranges.indices)) {
      let wire = Wire()
      wire.handshake()
      for index in order { wire.client(ranges[index].lowerBound, String(text[ranges[index]])) }
      #expect(wire.clientText == String(text), "order \(order)")
      wire.finish()
      #expect(wire.connection.conflicts.isEmpty)
    }
  }

  @Test(
    "Of what was delivered before, only new bytes are taken",
    arguments: [
      (0, "abcdefgh", "abcdefgh"),  // whole
      (0, "abc", "abcdefgh"),  // its begin
      (5, "fgh", "abcdefgh"),  // its end
      (2, "cd", "abcdefgh"),  // inside
      (6, "ghij", "abcdefghij"),  // over the end
      (0, "abcdefghij", "abcdefghij"),  // whole and more
      (7, "h", "abcdefgh"),  // a keep-alive probe with the last byte
      (7, "", "abcdefgh"),  // a keep-alive probe without it
      (8, "i", "abcdefghi"),  // a zero-window probe brings the next byte
      (-100, "abc", "abcdefgh"),  // from before the stream
    ])
  func retransmission(offset: Int, text: String, result: String) {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abcdefgh")
    wire.client(offset, text)
    wire.finish()
    #expect(wire.clientText == result)
    #expect(wire.connection.client.gaps.isEmpty)
    #expect(wire.counts.retransmissions == (text.isEmpty || result != "abcdefgh" ? 0 : 1))
  }

  @Test("A zero-window probe and the segment that repeats its byte give the byte once")
  func zeroWindowProbe() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.client(3, "d")
    wire.server(0, "", .ack, ack: 3)
    wire.client(3, "d")
    wire.server(0, "", .ack, ack: 3)
    wire.client(3, "defg")
    wire.finish()
    #expect(wire.clientText == "abcdefg")
  }

  @Test(
    "A copy with other bytes is reported, and the first copy stays",
    arguments: [
      (12, "MNOP", "abcdefghijklmnop"),  // whole
      (10, "KLMN", "abcdefghijKLmnop"),  // over the front
      (14, "OPQR", "abcdefghijklmnopQR"),  // over the end
      (13, "NO", "abcdefghijklmnop"),  // inside
      (10, "KLMNOPQR", "abcdefghijKLmnopQR"),  // around
    ])
  func conflict(offset: Int, text: String, result: String) {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "a")
    wire.client(12, "mnop")
    wire.client(offset, text)
    wire.client(1, String("bcdefghijkl".prefix(offset - 1)))
    wire.finish()
    #expect(wire.clientText == result)
    #expect(wire.connection.conflicts.map(\.packet) == [6])
    #expect(wire.connection.client.gaps.isEmpty)
  }

  @Test("The segment that fills a gap does not replace what came before it")
  func firstCopyStaysWhenTheGapIsFilled() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "ab")
    wire.client(6, "GH")
    wire.client(2, "cdefghij")
    wire.finish()
    #expect(wire.clientText == "abcdefGHij")
    #expect(wire.connection.conflicts.map(\.packet) == [6])
    #expect(wire.connection.client.packets == [4, 4, 6, 6, 6, 6, 5, 5, 6, 6])
  }

  @Test("A conflict before the first byte could be delivered is reported, too")
  func conflictBeforeTheFirstByte() {
    let wire = Wire()
    wire.handshake()
    wire.client(2, "cd")
    wire.client(2, "XX")
    wire.client(0, "ab")
    wire.finish()
    #expect(wire.clientText == "abcd")
    #expect(wire.connection.conflicts.map(\.packet) == [5])
  }

  @Test("A copy with the same bytes is no conflict")
  func noConflict() {
    let wire = Wire()
    wire.handshake()
    wire.client(4, "efgh")
    wire.client(2, "cdefghij")
    wire.client(5, "fg")
    wire.client(0, "abcdefghijkl")
    wire.finish()
    #expect(wire.clientText == "abcdefghijkl")
    #expect(wire.connection.conflicts.isEmpty)
  }

  @Test(
    "Sequence numbers wrap within the stream, delivered, waiting or doubled",
    arguments: [0xFFFF_FFF6, 0xFFFF_FFFB, 0xFFFF_FFFE, 0xFFFF_FFFF, 0, 1, 0x7FFF_FFFA, 0x8000_0000]
      as [UInt32])
  func wrap(start: UInt32) {
    let wire = Wire(clientStart: start, serverStart: 0 &- start)
    wire.handshake()
    wire.client(8, "ij")
    wire.client(4, "efgh")
    wire.client(2, "cdef")
    wire.client(0, "abc")
    wire.client(10, "klm")
    wire.client(2, "cdefghijklmnop")
    wire.server(0, "ok", [.ack, .fin], ack: 16)
    wire.client(16, "", [.ack, .fin], ack: 3)
    wire.finish()
    #expect(wire.clientText == "abcdefghijklmnop")
    #expect(wire.serverText == "ok")
    #expect(wire.connection.end == .fin)
    #expect(wire.connection.client.gaps.isEmpty)
  }

  @Test("Segments far outside what was acknowledged are ignored")
  func outOfWindow() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "ab")
    wire.server(0, "", .ack, ack: 2)
    wire.client(100_000_000, "?")
    wire.client(-100_000_000, "?")
    wire.client(2, "cd")
    wire.finish()
    #expect(wire.clientText == "abcd")
    #expect(wire.counts.outOfWindow == 1)
    #expect(wire.counts.retransmissions == 1)
    #expect(wire.connection.client.gaps.isEmpty)
  }

  @Test("Bytes that the snap length cut off are a gap of known size", arguments: [0, 1, 2, 3])
  func cutBytes(rotation: Int) {
    // Each segment was sent with ten bytes: of the third and fourth one, nothing was captured.
    let segments = [(0, "ab", 8), (10, "cdef", 6), (20, "", 10), (30, "", 10)]
    let wire = Wire()
    wire.handshake()
    for turn in segments.indices {
      let (offset, text, cut) = segments[(turn + rotation) % segments.count]
      wire.client(offset, text, cut: cut)
    }
    #expect(wire.connection.client.end == 40, "nothing waits for an acknowledgment")
    wire.finish()
    #expect(wire.clientText == "abcdef")
    #expect(wire.connection.client.offsets == [0, 1, 10, 11, 12, 13])
    #expect(wire.connection.client.lost == 34)
  }

  @Test("A segment whose captured bytes are old still says how many were cut off behind them")
  func cutBytesBehindOldOnes() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abcd")
    wire.client(2, "c", cut: 7)
    #expect(wire.connection.client.end == 10)
    wire.client(5, "", cut: 8)
    #expect(wire.connection.client.end == 13)
    wire.client(13, "n")
    wire.finish()
    #expect(wire.clientText == "abcdn")
    #expect(wire.connection.client.gaps == [4..<10, 10..<13])
  }

  @Test("Cut bytes of a segment that waited are not counted twice when others overlap it")
  func cutBytesOverlap() {
    let wire = Wire()
    wire.handshake()
    wire.client(4, "ef", cut: 4)  // 4..<10
    wire.client(0, "abcdef", cut: 2)  // 0..<8
    wire.client(10, "kl")
    wire.client(8, "", cut: 2)
    wire.finish()
    #expect(wire.clientText == "abcdefkl")
    #expect(wire.connection.client.lost == 4)
    #expect(wire.connection.client.end == 12)
  }

  @Test("A stream in one-byte segments in reverse order takes linear time")
  func reverseOrder() {
    var limits = ReassemblyLimits()
    limits.pendingSegments = .max
    limits.pendingPerDirection = .max
    limits.pendingInAll = .max
    let wire = Wire(limits: limits)
    wire.handshake()
    let count = 20_000
    for offset in (0..<count).reversed() {
      wire.send(.fromInitiator, offset, [UInt8(truncatingIfNeeded: offset)], .ack)
    }
    wire.finish()
    #expect(wire.connection.client.bytes == (0..<count).map { UInt8(truncatingIfNeeded: $0) })
    #expect(wire.counts.outOfOrder == UInt64(count - 1))
  }

  @Test("Every second byte first, then the others: all are delivered")
  func alternatingGaps() {
    let wire = Wire()
    wire.handshake()
    for offset in stride(from: 1, to: 4000, by: 2) { wire.client(offset, "b") }
    for offset in stride(from: 0, to: 4000, by: 2) { wire.client(offset, "a") }
    wire.finish()
    #expect(wire.clientText == String(repeating: "ab", count: 2000))
  }

  @Test("Which copy counts can be chosen", arguments: ReassemblyLimits.Overlap.allCases)
  func overlap(_ overlap: ReassemblyLimits.Overlap) {
    var limits = ReassemblyLimits()
    limits.overlap = overlap
    let wire = Wire(limits: limits)
    wire.handshake()
    wire.client(3, "DEF")
    wire.client(4, "xyz")
    wire.client(0, "abc")
    wire.finish()
    #expect(wire.clientText == (overlap == .first ? "abcDEFz" : "abcDxyz"))
    #expect(wire.connection.conflicts.count == 1)
  }
}

/// All orders of `values`.
func permutations(of values: [Int]) -> [[Int]] {
  guard values.count > 1 else { return [values] }
  return values.indices.flatMap { index in
    var rest = values
    let first = rest.remove(at: index)
    return permutations(of: rest).map { [first] + $0 }
  }
}
