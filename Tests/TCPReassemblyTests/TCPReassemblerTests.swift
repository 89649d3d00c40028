import PacketLayers
import TestSupport
import Testing
import WireBytes

@testable import TCPReassembly

@Suite struct TCPReassemblerTests {
  @Test("Segments in order go through as they came")
  func inOrder() {
    let wire = Wire()
    wire.handshake()
    wire.client(0, "GET / HTTP/1.1\r\n")
    wire.client(16, "\r\n")
    wire.server(0, "HTTP/1.1 101\r\n", .ack, ack: 18)
    wire.client(18, "frame", .ack, ack: 14)
    #expect(wire.clientText == "GET / HTTP/1.1\r\n\r\nframe")
    #expect(wire.serverText == "HTTP/1.1 101\r\n")
    wire.finish()
    #expect(wire.connection.client.packets.last == 7)
    #expect(wire.counts.outOfOrder == 0 && wire.counts.retransmissions == 0)
  }

  @Test("Connections between the same hosts are kept apart by their ports")
  func ports() {
    let wire = Wire()
    for port in 1...50 as ClosedRange<UInt16> {
      wire.clientPort = port
      wire.handshake()
    }
    for offset in 0..<4 {
      for port in 1...50 as ClosedRange<UInt16> {
        wire.clientPort = port
        wire.client([1, 0, 3, 2][offset], "\(port % 10)")
      }
    }
    wire.finish()
    for (index, connection) in wire.log.connections.enumerated() {
      #expect(connection.client.text == String(repeating: "\((index + 1) % 10)", count: 4))
      #expect(connection.info.stream == UInt64(index))
    }
  }

  @Test("A connection from a host to itself has two ends as long as the ports differ")
  func loopback() {
    let wire = Wire()
    let host = IPAddress(ipv4: 0x7f00_0001)
    func send(
      _ from: UInt16, _ to: UInt16, _ sequence: UInt32, _ flags: TCPFlags, _ text: String = ""
    ) {
      let bytes = Array(text.utf8)
      let segment = TCPSegment(
        source: host, destination: host, sourcePort: from, destinationPort: to, sequence: sequence,
        flags: flags, payloadLength: bytes.count)
      wire.reassembler.receive(
        segment, payload: bytes.span, packet: 1, time: CaptureTime(nanoseconds: 0), into: wire.log)
    }
    send(9000, 80, 9, .syn)
    send(80, 9000, 19, .syn)
    send(9000, 80, 10, .psh, "up")
    send(80, 9000, 20, .psh, "down")
    wire.finish()
    #expect(wire.clientText == "up")
    #expect(wire.serverText == "down")
    #expect(wire.connection.info.initiator.port == 9000)
  }

  @Test(
    "Whatever a capture did to a conversation: delivered and lost bytes together are the stream")
  func randomConversations() {
    var random = SeededRandom.fresh()
    let note: Comment = "\(random)"
    for _ in 0..<400 {
      let conversation = RandomConversation(using: &random)
      conversation.check(note)
    }
  }

  @Test("No segment whatever makes it trap, and what it says stays consistent")
  func randomSegments() {
    var random = SeededRandom.fresh()
    let note: Comment = "\(random)"
    for round in 0..<200 {
      var limits = ReassemblyLimits()
      limits.connections = Int.random(in: 1...4, using: &random)
      limits.pendingSegments = Int.random(in: 0...10, using: &random)
      limits.pendingPerDirection = Int.random(in: 0...2000, using: &random)
      limits.pendingInAll = Int.random(in: 0...4000, using: &random)
      limits.segmentsOfGrace = Int.random(in: 0...5, using: &random)
      let wire = Wire(
        clientStart: UInt32.random(in: .min ... .max, using: &random),
        serverStart: UInt32.random(in: .min ... .max, using: &random), limits: limits)
      wire.log.ignoresAfter = round % 2 == 0 ? .max : Int.random(in: 1...20, using: &random)
      for _ in 0..<200 {
        wire.clientPort = UInt16.random(in: 1...6, using: &random)
        let span = [4, 40, 4000, Int(Int32.max)].randomElement(using: &random) ?? 4
        let flags: [TCPFlags] = [
          .ack, .ack, .ack, .syn, [.syn, .ack], .rst, [.fin, .ack], [.syn, .fin], [],
        ]
        wire.interval = Int64.random(in: -5...1_000_000_000, using: &random)
        wire.send(
          Bool.random(using: &random) ? .fromInitiator : .fromResponder,
          Int.random(in: -span...span, using: &random),
          random.bytes(Int.random(in: 0...30, using: &random)),
          flags.randomElement(using: &random) ?? .ack,
          ack: Int.random(in: -span...span, using: &random),
          cut: max(0, Int.random(in: -30...20, using: &random)))
      }
      wire.finish()
      #expect(wire.log.violations.isEmpty, note)
      let flows = wire.reassembler.table.count
      #expect(flows <= limits.connections, note)
    }
  }
}
