import Foundation
import TestSupport
import Testing
import WireBytes

/// The TCP conversations of a sample, read without the tool's own code: what the tool is compared with.
///
/// Only what the samples need: pcap as tcpdump writes it here, Ethernet or LINUX_SLL2, IP without options,
/// nothing lost for good (it says so when a sample is not like that).
struct RecordedConversation: Sendable {
  /// In the order of first packets, as Wireshark's `tcp.stream`.
  var stream: Int
  var client: Endpoint
  var server: Endpoint
  /// Payload as it was sent, the two sides in turns.
  var turns: [Turn] = []
  var endsWithReset = false

  struct Endpoint: Hashable, Sendable {
    var address: [UInt8]
    var port: Int
  }

  struct Turn: Sendable {
    var side: Side
    var bytes: [UInt8]
  }

  /// All that a side sent.
  func bytes(of side: Side) -> [UInt8] { turns.filter { $0.side == side }.flatMap(\.bytes) }

  /// Payload bytes behind the heads of the upgrade: what frames must account for.
  func bytesAfterUpgrade(of side: Side) -> Int? {
    let bytes = bytes(of: side)
    let mark = side == .client ? "\r\nUpgrade: websocket\r\n" : "HTTP/1.1 101 "
    let text = Data(bytes)
    guard let start = text.range(of: Data(mark.utf8)),
      let end = text.range(of: Data("\r\n\r\n".utf8), in: (start.upperBound - 2)..<text.endIndex)
    else { return nil }
    return text.endIndex - end.upperBound
  }

  static func all(in story: Story) throws -> [RecordedConversation] {
    var reader = RecordedPackets(try Array(Data(contentsOf: story.file("capture.pcap"))))
    var conversations: [RecordedConversation] = []
    var numbers: [[Endpoint]: Int] = [:]
    var next: [[Endpoint]: UInt32] = [:]
    var waiting: [[Endpoint]: [RecordedPackets.Segment]] = [:]
    while let packet = try reader.next() {
      let (ends, reversed) = ([packet.source, packet.destination], [packet.destination, packet.source])
      if packet.flags & 0x12 == 0x02 {
        numbers[ends] = conversations.count
        conversations.append(
          RecordedConversation(stream: conversations.count, client: packet.source, server: packet.destination)
        )
      }
      let number = try #require(numbers[ends] ?? numbers[reversed], "a connection without a SYN")
      let side: Side = numbers[ends] != nil ? .client : .server
      if packet.flags & 0x02 != 0 { next[ends] = packet.sequence &+ 1 }
      if packet.flags & 0x04 != 0 { conversations[number].endsWithReset = true }
      guard !packet.payload.isEmpty else { continue }
      waiting[ends, default: []].append(packet)
      // What was sent again is dropped, what is ahead of its turn stays.
      while let expected = next[ends],
        let place = waiting[ends]?.firstIndex(where: { Int32(bitPattern: $0.sequence &- expected) <= 0 }),
        let segment = waiting[ends]?.remove(at: place)
      {
        let old = Int(expected &- segment.sequence)
        guard old < segment.payload.count else { continue }
        next[ends] = segment.sequence &+ UInt32(segment.payload.count)
        conversations[number].add(Array(segment.payload.dropFirst(old)), side)
      }
    }
    let isComplete = waiting.values.allSatisfy { $0.isEmpty }
    try #require(isComplete, "lost")
    return conversations
  }

  private mutating func add(_ bytes: [UInt8], _ side: Side) {
    if turns.last?.side == side {
      turns[turns.count - 1].bytes += bytes
    } else {
      turns.append(Turn(side: side, bytes: bytes))
    }
  }
}

/// The TCP segments of a sample.
private struct RecordedPackets {
  struct Segment {
    var source: RecordedConversation.Endpoint
    var destination: RecordedConversation.Endpoint
    var sequence: UInt32
    var flags: UInt8
    var payload: [UInt8]
  }

  private let file: [UInt8]
  private var offset = 24
  private let linkHeader: Int

  init(_ file: [UInt8]) {
    self.file = file
    linkHeader = file[20] == 1 ? 14 : 20
  }

  mutating func next() throws -> Segment? {
    guard offset + 16 <= file.count else { return nil }
    let captured = Int(little32(offset + 8))
    try #require(captured == Int(little32(offset + 12)), "a packet that was cut")
    let start = offset + 16 + linkHeader
    offset += 16 + captured
    return file[start] >> 4 == 4 ? ipv4(start) : ipv6(start)
  }

  private func ipv4(_ start: Int) -> Segment {
    let end = start + Int(big16(start + 2))
    return segment(start + 20, end, source: start + 12, destination: start + 16, addressBytes: 4)
  }

  private func ipv6(_ start: Int) -> Segment {
    let end = start + 40 + Int(big16(start + 4))
    return segment(start + 40, end, source: start + 8, destination: start + 24, addressBytes: 16)
  }

  private func segment(
    _ tcp: Int, _ end: Int, source: Int, destination: Int, addressBytes: Int
  ) -> Segment {
    let payload = tcp + Int(file[tcp + 12] >> 4) * 4
    return Segment(
      source: .init(address: Array(file[source..<source + addressBytes]), port: Int(big16(tcp))),
      destination: .init(
        address: Array(file[destination..<destination + addressBytes]), port: Int(big16(tcp + 2))),
      sequence: UInt32(big16(tcp + 4)) << 16 | UInt32(big16(tcp + 6)), flags: file[tcp + 13],
      payload: Array(file[payload..<end]))
  }

  private func big16(_ at: Int) -> UInt16 { UInt16(file[at]) << 8 | UInt16(file[at + 1]) }

  private func little32(_ at: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(file[at + $1]) << UInt32(8 * $1) }
  }
}
