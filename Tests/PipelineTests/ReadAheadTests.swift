import CaptureInput
import Foundation
import PacketLayers
import TCPReassembly
import TestSupport
import Testing
import WireBytes

@testable import Pipeline

@Suite struct ReadAheadTests {
  /// What the packets came to.
  private struct Seen: Equatable {
    struct Segment: Equatable {
      var number: UInt64
      var time: CaptureTime
      var sequence: UInt32
      var payload: [UInt8]
    }

    var segments: [Segment] = []
    var packets: UInt64 = 0
    var bytes: UInt64 = 0
    var lastPacket: UInt64 = 0
    var times: [CaptureTime] = []
    var notTCP: UInt64 = 0
    var undecodable: [String: UInt64] = [:]
  }

  @Test("What is read ahead is what is read packet by packet", arguments: Example.all)
  fileprivate func sameAsOneByOne(_ example: Example) throws {
    try withFile(example.file) { path in
      let expected = try readOneByOne(path)
      let (seen, end) = try readAhead(path)
      #expect(seen == expected)
      #expect(expected.packets >= example.packets)
      #expect(end.inputs.damage.isEmpty == !example.isDamaged)
    }
  }

  @Test func aRunThatIsGivenUpEndsItsThread() throws {
    try withFile(Example.small.file) { path in
      for batches in 0...2 {
        let ahead = ReadAhead(try source(path), seed: HashSeed(1))
        var batch: DecodedBatch?
        for _ in 0..<batches { batch = ahead.next(batch) }
        let end = try #require(ahead.finish())
        #expect(end.inputs.damage.isEmpty)
      }
    }
  }

  @Test func packetsOfManyMegabytesDoNotPileUp() throws {
    // The length of 0 that a network card leaves: the packet is as long as the record.
    let packets = (0..<12).map { number in
      ethernet(
        ipv4(tcp(seq: UInt32(number), payload: [UInt8](repeating: 7, count: 3 << 20)), totalLength: 0))
    }
    try withFile(Example("huge packets", packets, linkType: 1).file) { path in
      let ahead = ReadAhead(try source(path), seed: HashSeed(1))
      var settled: Int?
      while settled == nil { settled = ahead.settledBytesAhead }
      #expect(try #require(settled) <= ReadAhead.mostAhead + (3 << 20))
      var bytes = 0
      var batch = ahead.next(nil)
      while let packets = batch {
        bytes += packets.packets.payloadBytes
        batch = ahead.next(packets)
      }
      #expect(bytes == 12 * 3 << 20)
      #expect(ahead.finish()?.inputs.damage.isEmpty == true)
    }
  }

  @Test func onlyAFileThatLiesThereIsReadAhead() throws {
    try withFile(Example.small.file) { path in
      try withFile(Example.small.file) { other in
        let (one, two) = (CaptureSelection(paths: [path]), CaptureSelection(paths: [path, other]))
        var growing = CaptureSelection(paths: [path])
        growing.follows = true
        let answers = try [one, two, growing].map(isOneFile)
        #expect(answers == [true, false, false])
      }
    }
  }

  // MARK: Reading

  private func isOneFile(_ selection: CaptureSelection) throws -> Bool {
    try CaptureReader(selection).isOneFile
  }

  private func source(_ path: String) throws -> PacketSource {
    try PacketSource(CaptureReader(CaptureSelection(paths: [path])))
  }

  private func readOneByOne(_ path: String) throws -> Seen {
    var source = try source(path)
    var seen = Seen()
    var segment = TCPSegment()
    var times: [CaptureTime] = []
    while source.advance() {
      let record = source.reader.record
      seen.packets += 1
      seen.bytes += UInt64(record.originalLength)
      seen.lastPacket = record.number
      times.append(record.time)
      guard source.isSupported else {
        seen.undecodable[UndecodableReason.unsupportedLinkType.name, default: 0] += 1
        continue
      }
      let outcome = source.decoder.decode(
        source.reader.bytes, originalLength: record.originalLength, time: record.time, into: &segment)
      Self.note(outcome, segment, source, &seen)
      guard outcome == .several else { continue }
      while let part = source.decoder.decodeNext(source.reader.bytes, time: record.time, into: &segment) {
        Self.note(part, segment, source, &seen)
      }
    }
    if let first = times.min(), let last = times.max() { seen.times = [first, last] }
    return seen
  }

  private static func note(
    _ outcome: PacketOutcome, _ segment: TCPSegment, _ source: borrowing PacketSource, _ seen: inout Seen
  ) {
    switch outcome {
    case .notTCP, .datagram: seen.notTCP += 1
    case .undecodable(let reason): seen.undecodable[reason.name, default: 0] += 1
    case .heldFragment, .several: break
    case .segment(let place):
      let bytes = place == .packet ? source.reader.bytes : source.decoder.joinedDatagram
      let record = source.reader.record
      seen.segments.append(
        Seen.Segment(
          number: record.number, time: record.time, sequence: segment.sequence,
          payload: bytes.extracting(segment.payload).toArray()))
    }
  }

  private func readAhead(_ path: String) throws -> (Seen, PacketSource.End) {
    let ahead = ReadAhead(try source(path), seed: HashSeed(1))
    var seen = Seen()
    var totals = PacketTotals()
    var batch = ahead.next(nil)
    while let next = batch {
      totals.add(next.packets.totals)
      next.packets.segments.forEach { segment, payload, number, time in
        seen.segments.append(
          Seen.Segment(number: number, time: time, sequence: segment.sequence, payload: payload.toArray()))
      }
      batch = ahead.next(next)
    }
    (seen.packets, seen.bytes, seen.lastPacket) = (totals.packets, totals.bytes, totals.lastPacket)
    (seen.times, seen.notTCP) = (totals.times.map { [$0.first, $0.last] } ?? [], totals.notTCP)
    seen.undecodable = Dictionary(uniqueKeysWithValues: totals.byReason.map { ($0.reason, $0.packets) })
    return (seen, try #require(ahead.finish()))
  }

  private func withFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "wstap-ahead-\(UUID()).pcap")
    try Data(bytes).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url.path)
  }
}

/// A capture with something in it that a batch has to carry.
private struct Example: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var file: [UInt8]
  var packets: Int
  var isDamaged = false

  static let all = [small, cut, large, joined, several, unsupported, Example("nothing", [], linkType: 1)]

  init(_ name: String, _ packets: [[UInt8]], linkType: Int32, cutting: Int = 0) {
    var capture = CaptureBuilder(linkType: linkType)
    for (index, packet) in packets.enumerated() {
      capture.packet(packet, time: .testStart.advanced(milliseconds: index))
    }
    testDescription = name
    file = capture.file.dropLast(cutting)
    (self.packets, isDamaged) = (packets.count - (cutting > 0 ? 1 : 0), cutting > 0)
  }

  private static func packet(_ number: Int, bytes: Int = 40) -> [UInt8] {
    let payload = [UInt8](repeating: UInt8(number % 256), count: bytes)
    return ethernet(ipv4(tcp(from: UInt16(40_000 + number % 50), seq: UInt32(number), payload: payload)))
  }

  /// More packets than several batches hold, some of them without TCP.
  static let small: Example = {
    let other = ethernet(ipv4([1, 2, 3, 4], protocol: 1))
    return Example("many small packets", (0..<20_000).map { $0 % 7 == 0 ? other : packet($0) }, linkType: 1)
  }()
  static let cut = Example(
    "a file that ends within a record", (0..<3000).map { packet($0) }, linkType: 1, cutting: 5)
  static let large = Example(
    "large packets", (0..<40).map { packet($0, bytes: 60_000) } + [packet(41)], linkType: 1)
  static let joined: Example = {
    let datagrams = (0..<300).map { number in
      let segment = tcp(seq: UInt32(number), payload: [UInt8](repeating: UInt8(number % 256), count: 100))
      return ipv4Fragments(segment, identification: UInt16(number + 1), cuts: [40, 80])
    }
    return Example("datagrams in fragments", datagrams.joined().map { ethernet($0) }, linkType: 1)
  }()
  static let several: Example = {
    let aggregate = Partition.wirelessParts[2]
    let frames = (0..<700).flatMap { number in
      aggregate.wrap((0..<3).map { ipv4(tcp(seq: UInt32(number * 3 + $0), payload: [1, 2, 3])) }, number)
    }
    return Example("frames with several packets", frames, linkType: aggregate.linkType)
  }()
  static let unsupported = Example(
    "no TCP at all", (0..<600).map { _ in ethernet([0], type: 0x88cc) }, linkType: 1)
}
