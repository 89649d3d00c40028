import PacketLayers
import Testing
import WireBytes

@testable import TCPReassembly

/// What a sink hears of the way that bytes took.
@Suite("What TCP did to bytes")
struct TransportNoteTests {
  private func notes(_ wire: Wire, _ direction: FlowDirection = .fromInitiator) -> [TransportNote] {
    wire.connection.notes.filter { $0.direction == direction }.map(\.note)
  }

  @Test func bytesInTheirTurnAreNotWorthANote() {
    let wire = Wire(observes: true)
    wire.handshake()
    for index in 0..<20 {
      wire.client(index, "x")
      wire.server(0, ack: index + 1)
    }
    wire.finish()
    #expect(wire.connection.notes.isEmpty)
  }

  @Test func withoutInterestThereIsNoNote() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "ab")
    wire.time += 300_000_000
    wire.client(0, "ab")
    wire.finish()
    #expect(wire.connection.notes.isEmpty)
    #expect(wire.counts.retransmissions == 1)
  }

  @Test(
    "Bytes that come once more are named, and whether the receiver had confirmed them",
    arguments: [false, true])
  func retransmission(isAcknowledged: Bool) {
    let wire = Wire(observes: true)
    wire.handshake()
    wire.client(0, "abcdef")
    if isAcknowledged { wire.server(0, ack: 6) }
    wire.time += 300_000_000
    wire.client(2, "cdef")
    wire.client(6, "g")
    wire.finish()
    #expect(notes(wire) == [.retransmitted(2..<6, wasAcknowledged: isAcknowledged)])
    #expect(wire.clientText == "abcdefg")
  }

  @Test func aRetransmissionThatGoesFurtherHasOnlyItsOldPartNamed() {
    let wire = Wire(observes: true)
    wire.handshake()
    wire.client(0, "abc")
    wire.time += 300_000_000
    wire.client(0, "abcdef")
    wire.finish()
    #expect(notes(wire) == [.retransmitted(0..<3, wasAcknowledged: false)])
    #expect(wire.clientText == "abcdef")
  }

  @Test func copiesOfAPacketAreNoRetransmissions() {
    let wire = Wire(observes: true)
    wire.handshake()
    wire.client(0, "abc")
    wire.client(0, "abc")
    wire.server(0, "xyz", ack: 3)
    wire.server(0, "xyz", ack: 3)
    wire.finish()
    #expect(notes(wire) == [.capturedTwice(0..<3)])
    #expect(notes(wire, .fromResponder) == [.capturedTwice(0..<3)])
    #expect(wire.counts.capturedTwice == 2)
  }

  @Test("A keep-alive probe is none, and its byte proves no conflict", arguments: ["c", "\u{0}"])
  func keepAlive(byte: String) {
    let wire = Wire(observes: true)
    wire.handshake()
    wire.client(0, "abc")
    wire.server(0, "x", ack: 3)
    // Something is kept to compare with.
    wire.time += 300_000_000
    wire.client(0, "abc", ack: 1)
    wire.time += 60_000_000_000
    wire.client(2, byte, ack: 1)
    wire.server(1, ack: 3)
    wire.finish()
    #expect(notes(wire).last == .keepAlive)
    #expect(wire.counts.keepAlives == 1)
    #expect(wire.connection.conflicts.isEmpty)
    #expect(wire.clientText == "abc")
  }

  @Test func aKeepAliveProbeMayHaveNoByte() {
    let wire = Wire(observes: true)
    wire.handshake()
    wire.client(0, "abc")
    wire.server(0, "x", ack: 3)
    for _ in 0..<3 {
      wire.time += 60_000_000_000
      wire.client(2, ack: 1)
      wire.server(1, ack: 3)
    }
    // One that acknowledges, or comes before all is acknowledged, is none.
    wire.client(3, ack: 1)
    wire.client(3, "d", ack: 1)
    wire.client(3, ack: 1)
    wire.finish()
    #expect(notes(wire) == [.keepAlive, .keepAlive, .keepAlive])
    #expect(wire.counts.keepAlives == 3)
    #expect(wire.clientText == "abcd")
  }

  @Test func bytesBehindAGapSayHowLongTheyWaited() {
    let wire = Wire(observes: true)
    wire.handshake()
    wire.client(0, "ab")
    wire.client(4, "ef")
    wire.time += 210_000_000
    wire.client(2, "cd")
    wire.finish()
    let wait = 210_000_000 + wire.interval
    #expect(notes(wire) == [.late(2..<4, isPresumedLost: true), .waited(4..<6, for: wait)])
    // A note comes before the bytes that it is about.
    #expect(wire.connection.notes.map(\.position.offset) == [2, 4])
  }

  @Test func packetsThatOvertookEachOtherAreNotPresumedLost() {
    let wire = Wire(observes: true)
    wire.handshake()
    wire.client(0, "ab")
    wire.client(4, "ef")
    wire.client(2, "cd")
    wire.finish()
    #expect(notes(wire).first == .late(2..<4, isPresumedLost: false))
  }

  @Test func behindAGapThatIsLostNobodyWaited() {
    let wire = Wire(observes: true)
    wire.handshake()
    wire.client(0, "ab")
    wire.client(4, "ef")
    wire.server(0, ack: 6)
    wire.time += 1_000_000_000
    wire.server(0, "x", ack: 6)
    wire.finish()
    #expect(wire.connection.client.gaps == [2..<4])
    #expect(notes(wire).isEmpty)
  }

  @Test func whatWaitsMayComeTwice() {
    let wire = Wire(observes: true)
    wire.handshake()
    wire.client(0, "ab")
    wire.client(4, "ef")
    wire.client(4, "ef")
    wire.client(2, "cd")
    wire.finish()
    #expect(notes(wire).first == .retransmitted(4..<6, wasAcknowledged: false))
  }

  @Test func aWindowThatClosesAndOpensIsNoted() {
    let wire = Wire(observes: true)
    wire.handshake()
    wire.client(0, "abcdef")
    wire.window = 0
    wire.server(0, ack: 4)
    // A probe of zero bytes, and its answer (RFC 9293 §3.8.6.1).
    wire.window = 500
    wire.client(3)
    wire.window = 0
    wire.server(0, ack: 4)
    wire.time += 2_000_000_000
    wire.window = 500
    wire.server(0, ack: 6)
    wire.client(6, "g")
    wire.finish()
    let closed = 2_000_000_000 + 3 * wire.interval
    #expect(notes(wire) == [.windowClosed(4..<7), .windowOpened(4..<7, after: closed)])
    #expect(wire.counts.zeroWindows == 1)
    #expect(wire.clientText == "abcdefg")
  }

  @Test func aProbeWithAByteIsReadOnce() {
    let wire = Wire(observes: true)
    wire.handshake()
    wire.client(0, "abc")
    wire.window = 0
    wire.server(0, ack: 3)
    wire.window = 500
    for _ in 0..<3 {
      wire.time += 500_000_000
      wire.client(3, "d")
    }
    wire.server(0, ack: 4)
    wire.client(4, "ef")
    wire.finish()
    #expect(wire.clientText == "abcdef")
    #expect(wire.connection.conflicts.isEmpty)
  }

  @Test("Urgent data is read in line (RFC 6093 §3.1)", arguments: [0, 1, 3, 9])
  func urgentData(pointer: UInt16) {
    let wire = Wire(observes: true)
    wire.handshake()
    wire.client(0, "ab")
    wire.urgentPointer = pointer
    wire.client(2, "c!d", [.ack, .urg])
    wire.urgentPointer = 0
    wire.client(5, "ef")
    wire.finish()
    #expect(wire.clientText == "abc!def")
    #expect(wire.connection.notes.isEmpty)
  }

  @Test(
    "A conversation captured twice is read once, in whichever order the copies stand", arguments: [1, 2, 3])
  func everyPacketTwice(distance: Int) {
    let wire = Wire(observes: true)
    wire.handshake()
    let (first, second) = (Array("abcdefgh"), Array("stuvwxyz"))
    var calls: [() -> Void] = []
    for index in 0..<8 {
      calls.append { wire.client(index, String(first[index]), ack: index) }
      calls.append { wire.server(index, String(second[index]), ack: index + 1) }
    }
    for index in 0..<calls.count + distance {
      if index < calls.count { calls[index]() }
      if index >= distance { calls[index - distance]() }
    }
    wire.finish()
    #expect(wire.clientText == "abcdefgh")
    #expect(wire.serverText == "stuvwxyz")
    #expect(wire.connection.conflicts.isEmpty)
    #expect(wire.connection.client.gaps.isEmpty && wire.connection.server.gaps.isEmpty)
  }

  @Test func theEndSaysWhatWasSentInVain() {
    let wire = Wire(observes: true)
    wire.handshake()
    wire.client(0, "abc")
    wire.server(0, ack: 3)
    wire.client(3, "defg")
    for exponent in 0..<5 {
      wire.time += 200_000_000 << Int64(exponent)
      wire.client(3, "defg")
    }
    wire.finish()
    let left = wire.connection.endings[.fromInitiator]?.unconfirmed
    #expect(left?.bytes == 4)
    #expect(left?.repetitions == 5)
    #expect((left?.time ?? 0) > 5_000_000_000)
    #expect(wire.connection.endings[.fromResponder]?.unconfirmed == nil)
  }

  // MARK: Conflicts

  @Test("Other bytes in the place of delivered ones are a conflict, once something was sent twice")
  func conflictWithDelivered() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc")
    wire.time += 300_000_000
    wire.client(0, "abc")
    wire.client(3, "defghi")
    wire.time += 300_000_000
    wire.client(3, "deXghi")
    wire.client(9, "j")
    wire.finish()
    #expect(wire.connection.conflicts.map(\.offset) == [3])
    #expect(wire.clientText == "abcdefghij")
  }

  @Test func theSameBytesAreNoConflict() {
    let wire = Wire()
    wire.handshake()
    wire.client(2, "cd")
    wire.client(0, "ab")
    wire.client(4, String(repeating: "x", count: 100_000))
    wire.time += 300_000_000
    wire.client(90_000, String(repeating: "x", count: 10_004))
    wire.client(0, "ab")
    wire.finish()
    #expect(wire.connection.conflicts.isEmpty)
  }

  @Test func aConflictIsFoundWithinWhatIsKept() {
    let wire = Wire()
    wire.handshake()
    wire.client(1, "b")
    wire.client(0, "a")
    for start in stride(from: 2, to: 200_002, by: 1000) {
      wire.client(start, String(repeating: "x", count: 1000))
    }
    wire.time += 300_000_000
    wire.client(199_002, String(repeating: "y", count: 1000))
    wire.client(2, String(repeating: "y", count: 1000))
    wire.finish()
    // The second lies too far back: nothing is left to compare it with.
    #expect(wire.connection.conflicts.map(\.offset) == [199_002])
  }

  @Test("What is kept of retransmissions goes with the connection, and only so much is kept")
  func memoryOfHistories() {
    let wire = Wire()
    for port in 0..<600 {
      wire.clientPort = 20_000 + UInt16(port)
      wire.handshake()
      wire.client(1, "b")
      wire.client(0, "a")
    }
    #expect(wire.reassembler.shared.retaining == RetransmissionHistory.retainingLimit)
    wire.finish()
    #expect(wire.reassembler.shared.retaining == 0)
    var histories = 0
    for slot in 0..<wire.reassembler.flows.count where wire.reassembler.flows[slot].history != nil {
      histories += 1
    }
    #expect(histories == 0)
  }
}
