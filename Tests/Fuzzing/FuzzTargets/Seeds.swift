import CaptureInput
import PacketLayers
import StreamReassembly
import WireBytes

/// What a target starts from: inputs made of a real capture, in the form that the target reads.
package struct Seed {
  package let target: String
  package let bytes: [UInt8]
}

/// The seeds that one capture file gives. `file` are its bytes, `path` is where they are.
package func seeds(from file: [UInt8], at path: String) throws -> [Seed] {
  var seeds = [Seed(target: "capture", bytes: file)]
  var reader = try SavefileReader(path: path)
  var decoder = try PacketDecoder(linkType: reader.linkType)
  var reassembler = TCPReassembler(seed: 0)
  let streams = StreamCollector()
  // Byte 0 of the packet target: the place of this link type in its list. The samples are Ethernet.
  var packets: [UInt8] = [0]
  var segment = TCPSegment()
  while try reader.advance() {
    let bytes = reader.bytes.toArray()
    if packets.count < 4000 { packets += littleEndian(bytes.count) + [0] + bytes }
    if case .segment(in: .packet) = decoder.decode(
      bytes.span, originalLength: bytes.count, time: reader.record.time, into: &segment)
    {
      reassembler.receive(
        segment, payload: bytes.span.extracting(segment.payload), packet: reader.record.number,
        time: reader.record.time, into: streams)
    }
  }
  reassembler.finish(packet: 0, time: reader.record.time, into: streams)
  seeds.append(Seed(target: "packets", bytes: packets))
  for connection in streams.connections {
    guard let request = connection[0].headLength, let response = connection[1].headLength else { continue }
    // One step each: what the client sends, then what the server sends.
    let (client, server) = (
      Array(connection[0].prefix(request + 200)), Array(connection[1].prefix(response + 200))
    )
    seeds.append(
      Seed(
        target: "http",
        bytes: [0, 2, 4] + littleEndian(client.count) + [5] + littleEndian(server.count) + client + server))
    for (side, length) in [(0, request), (1, response)] {
      let frames = Array(connection[side][length...].prefix(8000))
      if frames.isEmpty { continue }
      // With and without: compression, packets of 100 bytes, a gap, the search for a first frame.
      seeds.append(Seed(target: "websocket", bytes: [UInt8(side) | 2, 0] + frames))
      seeds.append(Seed(target: "websocket", bytes: [UInt8(side) | 2 | 8 | 32, 0x80] + frames))
      seeds.append(Seed(target: "websocket", bytes: [UInt8(side) | 2 | 64, 1, 30, 0, 40] + frames))
      seeds.append(Seed(target: "text", bytes: [80] + frames.prefix(400)))
      seeds.append(
        Seed(
          target: "deflate",
          bytes: [0] + frames.prefix(1000).chunks(of: 60).flatMap { [UInt8($0.count)] + $0 }))
    }
  }
  return seeds
}

private func littleEndian(_ value: Int) -> [UInt8] {
  [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
}

extension [UInt8] {
  /// Bytes up to and with the empty line.
  fileprivate var headLength: Int? {
    let end = Array("\r\n\r\n".utf8)
    guard count >= 4 else { return nil }
    return (0...count - 4).first { Array(self[$0..<$0 + 4]) == end }.map { $0 + 4 }
  }
}

extension ArraySlice<UInt8> {
  fileprivate func chunks(of size: Int) -> [[UInt8]] {
    stride(from: startIndex, to: endIndex, by: size).map { Array(self[$0..<Swift.min($0 + size, endIndex)]) }
  }
}

/// Keeps both directions of every connection.
private final class StreamCollector: ReassemblySink {
  private(set) var connections: [[[UInt8]]] = []

  func opened(_ connection: ConnectionInfo) -> UInt32 {
    connections.append([[], []])
    return UInt32(connections.count - 1)
  }

  func received(
    _ bytes: Span<UInt8>, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition
  ) -> Bool {
    connections[Int(token)][direction.rawValue] += bytes.toArray()
    return true
  }

  func lost(_ bytes: UInt64, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition) {}
  func finished(_ direction: FlowDirection, _ token: UInt32, at position: StreamPosition) {}
  func closed(
    _ how: ConnectionEnd, by direction: FlowDirection?, _ token: UInt32, at position: StreamPosition
  ) {}
  func retransmissionConflict(_ direction: FlowDirection, _ token: UInt32, at position: StreamPosition) {}
}
