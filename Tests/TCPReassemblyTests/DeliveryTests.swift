import Testing
import WireBytes

@testable import TCPReassembly

/// What the sender of bytes had acknowledged of the other direction when it sent them.
@Suite struct DeliveryTests {
  @Test("Bytes carry what their own segment acknowledges")
  func inTurn() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "abc", ack: 0)
    wire.server(0, "xyz", ack: 2)
    wire.client(3, "d", ack: 3)
    // An acknowledgment without bytes says nothing about bytes that were sent before it.
    wire.server(3, ack: 4)
    wire.server(3, "!", ack: 1)
    wire.finish()
    #expect(wire.connection.client.acknowledged == [0, 0, 0, 3])
    #expect(wire.connection.server.acknowledged == [2, 2, 2, 1])
  }

  @Test("Bytes that wait behind a gap keep what their own segment acknowledges")
  func outOfOrder() {
    let wire = Wire()
    wire.handshake()
    wire.server(0, "0123456789")
    wire.client(3, "d", ack: 1)
    wire.client(2, "c", ack: 10)
    wire.client(0, "ab", ack: 5)
    wire.finish()
    #expect(wire.clientText == "abcd")
    #expect(wire.connection.client.acknowledged == [5, 5, 10, 1])
  }

  @Test("Bytes after a gap that counts as lost keep it, too")
  func afterLoss() {
    let wire = Wire()
    wire.handshake()
    wire.server(0, "0123456789")
    wire.client(2, "c", ack: 7)
    wire.finish()
    #expect(wire.connection.client.gaps == [0..<2])
    #expect(wire.connection.client.acknowledged == [7])
  }

  @Test("Without an ACK, or before anything of the other direction was captured, nothing is known")
  func unknown() {
    let wire = Wire()
    wire.client(0, "ab", ack: 0)
    wire.server(0, "x", ack: 2)
    wire.client(2, "c", [], ack: 1)
    wire.client(3, "d", ack: 1)
    wire.finish()
    #expect(wire.connection.client.acknowledged == [nil, nil, nil, 1])
    #expect(wire.connection.server.acknowledged == [2])
  }

  @Test("An acknowledgment of what precedes the first captured byte is one of nothing")
  func beforeTheStart() {
    let wire = Wire()
    wire.client(100, "ab", ack: 0)
    wire.server(0, "x", ack: 50)
    wire.finish()
    #expect(wire.connection.server.acknowledged == [0])
  }

  @Test("What is acknowledged is counted across the turn of the sequence numbers")
  func wrapping() {
    let wire = Wire(clientStart: 0xFFFF_FFFE)
    wire.handshake()
    wire.client(0, "abcdef")
    wire.server(0, "xy", ack: 5)
    wire.server(2, "z", ack: 1)
    wire.finish()
    #expect(wire.connection.server.acknowledged == [5, 5, 1])
  }
}
