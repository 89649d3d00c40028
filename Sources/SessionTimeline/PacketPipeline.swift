import CaptureInput
import PacketLayers
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// How a capture is analyzed, and the limits that hold.
public struct AnalysisOptions: Sendable {
  /// Decoding of frames and messages.
  public var decoding = DecodingOptions()
  /// Hide cookies, credentials and tokens of handshakes in what reports are given (`Secrets`). Payloads of messages
  /// stay as they are.
  public var hidesSecrets = false
  /// Look at what TCP does to messages: retransmissions, waiting, windows, round trips. For reports that show it.
  public var observesTransport = false
  /// Tell of every message what TCP did to it, and of every retransmission.
  public var reportsTransport = false
  /// Bytes that looks for frames without a handshake hold, for all connections.
  public var pickUpBytes = 32 << 20
  /// Reassembly of TCP.
  public var reassembly = ReassemblyLimits()
  /// Which connections are looked at, and as what.
  public var ports = PortOptions()

  /// The defaults.
  public init() {}
}

/// From packets to a report: every arrow of docs/architecture.md is a call in `receive`.
struct PacketPipeline: ~Copyable {
  private var reassembler: TCPReassembler
  private let dispatcher: Dispatcher
  private let merge: SessionMerge
  private var summary = CaptureSummary()
  private var totals = PacketTotals()
  /// The segment at hand.
  private var segment = TCPSegment()

  init(options: AnalysisOptions, report: any TimelineReport) {
    reassembler = TCPReassembler(
      limits: options.reassembly, observesTransport: options.observesTransport)
    merge = SessionMerge(report: report, shownPayload: options.decoding.keptPayload)
    dispatcher = Dispatcher(
      sessions: SessionTable(
        merge: merge, shownPayload: options.decoding.keptPayload, hidesSecrets: options.hidesSecrets,
        reportsTransport: options.reportsTransport),
      options: options.decoding, ports: options.ports, overlap: options.reassembly.overlap,
      midstreamBytes: options.pickUpBytes)
  }

  @inline(__always)
  mutating func receive(
    _ bytes: Span<UInt8>, _ number: UInt64, _ time: CaptureTime, _ originalLength: Int,
    through decoder: inout PacketDecoder
  ) {
    totals.count(number, time, originalLength)
    take(
      decoder.decode(bytes, originalLength: originalLength, time: time, into: &segment), bytes, number, time,
      &decoder)
  }

  @inline(__always)
  private mutating func take(
    _ outcome: PacketOutcome, _ bytes: Span<UInt8>, _ number: UInt64, _ time: CaptureTime,
    _ decoder: inout PacketDecoder
  ) {
    switch outcome {
    case .segment(in: .packet):
      reassembler.receive(
        segment, payload: bytes.window(at: segment.payloadOffset, length: segment.payloadLength),
        packet: number, time: time, into: dispatcher)
    case .segment(in: .joined):
      reassembler.receive(
        segment, payload: decoder.joinedDatagram.extracting(segment.payload), packet: number,
        time: time, into: dispatcher)
    case .notTCP, .datagram:
      totals.notTCP &+= 1
    case .heldFragment:
      break
    case .several:
      takeSeveral(bytes, number, time, &decoder)
    case .undecodable(let reason):
      totals.count(reason)
    }
  }

  @inline(never)
  private mutating func takeSeveral(
    _ bytes: Span<UInt8>, _ number: UInt64, _ time: CaptureTime, _ decoder: inout PacketDecoder
  ) {
    while let outcome = decoder.decodeNext(bytes, time: time, into: &segment) {
      take(outcome, bytes, number, time, &decoder)
    }
  }

  /// What the flows of packets that are read ahead are found with.
  var seed: HashSeed { reassembler.seed }

  /// Takes packets whose headers were read elsewhere.
  mutating func receive(_ packets: borrowing DecodedPackets) {
    totals.add(packets.totals)
    reassembler.receive(packets.segments, into: dispatcher)
  }

  var report: any TimelineReport { merge.report }

  /// Counts a packet whose link type cannot be decoded.
  mutating func receiveUnsupported(_ record: PacketRecord) {
    totals.count(record.number, record.time, record.originalLength)
    totals.count(.unsupportedLinkType)
  }

  mutating func note(_ end: PacketSource.End) {
    summary.incompleteDatagrams += end.incompleteDatagrams
    summary.damage += end.inputs.damage
    summary.inputs = end.inputs.inputs
  }

  /// Reports what is still open, then the summary.
  mutating func finish() -> CaptureSummary {
    (summary.firstTime, summary.lastTime) = (totals.times?.first, totals.times?.last)
    summary.timeOrder = totals.order
    (summary.packets, summary.bytes, summary.notTCP) = (totals.packets, totals.bytes, totals.notTCP)
    let end = summary.lastTime ?? CaptureTime(nanoseconds: 0)
    reassembler.finish(packet: totals.lastPacket, time: end, into: dispatcher)
    summary.reassembly = reassembler.counts
    summary.connections = reassembler.counts.connections
    summary.sessions = merge.sessions
    summary.tlsConnections = dispatcher.tlsConnections
    summary.pickUpsLetGo = dispatcher.midstream.evicted
    summary.messagesShortened = merge.messagesShortened
    summary.undecodable = totals.byReason
    merge.report.captureEnded(summary)
    return summary
  }
}
