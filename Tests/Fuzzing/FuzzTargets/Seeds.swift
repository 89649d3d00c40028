import CaptureInput
import Files
import PacketLayers
import TCPReassembly
import WireBytes

/// What a target starts from: inputs made of a real capture, in the form that the target reads.
package struct Seed {
  package let target: String
  package let bytes: [UInt8]
}

/// The seeds that one capture file gives. `file` are its bytes, `path` is where they are.
package func seeds(from file: [UInt8], at path: String) throws -> [Seed] {
  var seeds = [Seed(target: "capture", bytes: file), Seed(target: "savefile", bytes: file)]
  var reader = try SavefileReader(path: FilePath(path))
  var decoder = try PacketDecoder(linkType: reader.record.linkType)
  var reassembler = TCPReassembler(seed: 0)
  let streams = StreamCollector()
  // Byte 0 of the packet target: the place of this link type in its list. The samples are Ethernet.
  var packets: [UInt8] = [0]
  var segment = TCPSegment()
  var blocks = pcapngStart
  while try reader.advance() {
    let bytes = reader.bytes.toArray()
    if blocks.count < 4000 { blocks += pcapngPacket(bytes) }
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
  seeds.append(Seed(target: "savefile", bytes: blocks))
  for connection in streams.connections {
    // What each side sent first.
    let starts = connection.map { $0.prefix(200) }
    seeds.append(
      Seed(
        target: "preambles",
        bytes: starts.enumerated().flatMap { [UInt8($0.offset), UInt8($0.element.count)] + $0.element }))
    guard let request = connection[0].headLength, let response = connection[1].headLength else { continue }
    // One step each: what the client sends, then what the server sends.
    let (client, server) = (
      Array(connection[0].prefix(request + 200)), Array(connection[1].prefix(response + 200))
    )
    seeds.append(
      Seed(
        target: "http",
        bytes: [0, 2, 4] + littleEndian(client.count) + [5] + littleEndian(server.count) + client + server))
    // The frames of both sides in turn, in packets of 100 bytes.
    let frames = [
      Array(connection[0][request...].prefix(2000)), Array(connection[1][response...].prefix(2000)),
    ]
    var pieces: [UInt8] = [2 | 5 << 3]
    for start in stride(from: 0, to: 2000, by: 100) {
      for side in 0...1 where start < frames[side].count {
        let piece = frames[side][start...].prefix(100)
        pieces += [UInt8(side), UInt8(piece.count)] + piece
      }
    }
    seeds.append(Seed(target: "midstream", bytes: pieces))
    for (side, length) in [(0, request), (1, response)] {
      let frames = Array(connection[side][length...].prefix(8000))
      if frames.isEmpty { continue }
      // A frame within another one, and a part of a frame that is missing, with and without known packets.
      let middle = frames.count / 2
      let mixed = frames[..<middle] + frames.prefix(200) + frames[middle...]
      let cut = frames[..<middle] + frames.dropFirst(middle + 3)
      seeds.append(Seed(target: "websocket", bytes: [UInt8(side), 0xA0] + mixed))
      seeds.append(Seed(target: "websocket", bytes: [UInt8(side) | 2, 0xE0] + cut))
      seeds.append(Seed(target: "websocket", bytes: [UInt8(side) | 2, 0x80] + cut))
      // With and without: compression, packets of 100 bytes, a gap, the search for a first frame.
      seeds.append(Seed(target: "websocket", bytes: [UInt8(side) | 2, 0] + frames))
      seeds.append(Seed(target: "websocket", bytes: [UInt8(side) | 2 | 8 | 32, 0x80] + frames))
      seeds.append(Seed(target: "websocket", bytes: [UInt8(side) | 2 | 64, 1, 30, 0, 40] + frames))
      seeds.append(Seed(target: "text", bytes: [80] + frames.prefix(400)))
      seeds.append(
        Seed(
          target: "deflate",
          bytes: [0] + frames.prefix(1000).chunks(of: 60).flatMap { [UInt8($0.count)] + $0 }))
      for payload in compressedPayloads(frames).prefix(8) {
        seeds.append(
          Seed(
            target: "deflate", bytes: [64] + payload[...].chunks(of: 127).flatMap { [UInt8($0.count)] + $0 }))
      }
    }
  }
  return seeds
}

/// The payloads of frames that are compressed and not masked.
private func compressedPayloads(_ frames: [UInt8]) -> [[UInt8]] {
  var (payloads, start) = ([[UInt8]](), 0)
  while start + 4 <= frames.count, frames[start + 1] < 127 {
    let isLong = frames[start + 1] == 126
    let header = isLong ? 4 : 2
    let length = isLong ? Int(frames[start + 2]) << 8 | Int(frames[start + 3]) : Int(frames[start + 1])
    guard start + header + length <= frames.count else { break }
    if frames[start] & 0x40 != 0 { payloads.append(Array(frames[start + header..<start + header + length])) }
    start += header + length
  }
  return payloads
}

/// A section and an interface of Ethernet with a name and nanoseconds, secrets, and what else stands between
/// packets.
private let pcapngStart: [UInt8] =
  pcapngBlock(0x0A0D_0D0A, [0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0] + [UInt8](repeating: 255, count: 8))
  + pcapngBlock(1, [1, 0, 0, 0, 0, 0, 4, 0, 2, 0, 2, 0, 0x6C, 0x6F, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0])
  + pcapngBlock(10, Array("KLST".utf8) + [4, 0, 0, 0, 1, 2, 3, 4]) + pcapngBlock(4, [0, 0, 0, 0])
  + pcapngBlock(3, [2, 0, 0, 0, 1, 2, 0, 0])
  + pcapngBlock(5, [UInt8](repeating: 0, count: 12) + [4, 0, 8, 0] + [UInt8](repeating: 1, count: 8))

private func pcapngPacket(_ bytes: [UInt8]) -> [UInt8] {
  let length = littleEndian(bytes.count) + [0, 0]
  let padding = [UInt8](repeating: 0, count: -bytes.count & 3)
  return pcapngBlock(6, [UInt8](repeating: 0, count: 12) + length + length + bytes + padding)
}

private func pcapngBlock(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
  let number = (0..<4).map { UInt8(truncatingIfNeeded: type >> ($0 * 8)) }
  let length = littleEndian(body.count + 12) + [0, 0]
  return number + length + body + length
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
    _ bytes: Span<UInt8>, _ context: DeliveryContext, _ mark: PayloadMark, _ direction: FlowDirection,
    _ token: UInt32
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
