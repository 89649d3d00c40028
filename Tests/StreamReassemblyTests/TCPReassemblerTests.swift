import PacketLayers
import TestSupport
import Testing
import WireBytes

@testable import StreamReassembly

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
    func send(_ from: UInt16, _ to: UInt16, _ sequence: UInt32, _ flags: TCPFlags, _ text: String = "") {
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
}
