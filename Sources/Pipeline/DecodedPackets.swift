import CaptureInput
import PacketLayers
import TCPReassembly
import WireBytes

/// Packets in a row whose headers were read: their segments, and what is counted of all of them.
struct DecodedPackets: ~Copyable {
  private(set) var segments: SegmentQueue
  private(set) var totals = PacketTotals()
  private let seed: HashSeed
  /// How far the reading was when the batch was full.
  var progress: InputProgress?

  /// When a batch is full; what a packet adds beyond that finds room.
  private static let fullCount = 512
  private static let fullBytes = 128 << 10

  init(seed: HashSeed) {
    self.seed = seed
    segments = SegmentQueue(segments: Self.fullCount, bytes: Self.fullBytes + (64 << 10))
  }

  var payloadBytes: Int { segments.payloadBytes }

  var isFull: Bool {
    segments.count >= Self.fullCount || payloadBytes >= Self.fullBytes || totals.packets >= Self.mostPackets
  }

  /// A batch without segments tells how far the reading is, too.
  private static let mostPackets: UInt64 = 4096

  /// Empties it for packets that come after those that were counted in `totals`.
  mutating func clear(after totals: PacketTotals = PacketTotals()) {
    segments.removeAll()
    (self.totals, progress) = (totals.next(), nil)
  }

  /// Decodes a packet into the next place. `prescan` is asked about payloads.
  @inline(__always)
  mutating func append(
    _ bytes: Span<UInt8>, _ number: UInt64, _ time: CaptureTime, _ originalLength: Int,
    through decoder: inout PacketDecoder, _ prescan: UncountedPrescan
  ) {
    totals.count(number, time, originalLength, captured: bytes.count)
    let outcome = segments.withNext {
      decoder.decode(bytes, originalLength: originalLength, time: time, into: &$0)
    }
    if case .several = outcome { return appendSeveral(bytes, number, time, &decoder, prescan) }
    finish(outcome, bytes, number, time, &decoder, prescan)
  }

  @inline(never)
  private mutating func appendSeveral(
    _ bytes: Span<UInt8>, _ number: UInt64, _ time: CaptureTime, _ decoder: inout PacketDecoder,
    _ prescan: UncountedPrescan
  ) {
    while let outcome = segments.withNext({ decoder.decodeNext(bytes, time: time, into: &$0) }) {
      finish(outcome, bytes, number, time, &decoder, prescan)
    }
  }

  /// Counts a packet of a link type that cannot be decoded.
  mutating func append(unsupported record: PacketRecord) {
    totals.count(record.number, record.time, record.originalLength, captured: record.originalLength)
    totals.count(.unsupportedLinkType)
  }

  @inline(__always)
  private mutating func finish(
    _ outcome: PacketOutcome, _ bytes: Span<UInt8>, _ number: UInt64, _ time: CaptureTime,
    _ decoder: inout PacketDecoder, _ prescan: UncountedPrescan
  ) {
    switch outcome {
    case .segment(let source):
      let (offset, length) = segments.withNext { ($0.payloadOffset, $0.payloadLength) }
      switch source {
      case .packet:
        let payload = bytes.window(at: offset, length: length)
        segments.add(payload, packet: number, time: time, seed: seed, mark: Self.mark(of: payload, prescan))
      case .joined:
        segments.add(
          decoder.joinedDatagram.window(at: offset, length: length), packet: number, time: time, seed: seed)
      }
    case .notTCP, .datagram:
      totals.notTCP &+= 1
    case .heldFragment, .several:
      break
    case .undecodable(let reason):
      totals.count(reason)
    }
  }

  @inline(__always)
  private static func mark(of payload: Span<UInt8>, _ prescan: UncountedPrescan) -> PayloadMark {
    prescan.areAll(of: payload) ? .plainMessages : .none
  }
}
