import CaptureInput
import PacketLayers
import Sessions
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// From packets to events: every arrow of docs/architecture.md is a call in `receive`. It is built from what the sink needs.
package struct PacketPipeline: ~Copyable {
  private var reassembler: TCPReassembler
  private let dispatcher: Dispatcher
  private let merge: SessionMerge
  private let budget: MemoryBudget
  /// What waits, in bytes, beside what every connection that is remembered takes up.
  package var memoryInUse: Int {
    budget.used - reassembler.trackedConnections * TCPReassembler.connectionCost
  }
  /// How frames and messages are decoded.
  let decoding: DecodingOptions
  private var summary = CaptureSummary()
  private var totals = PacketTotals()
  /// The segment at hand.
  private var segment = TCPSegment()

  /// A pipeline to a sink, built from what that needs.
  package init(options: AnalysisOptions, sink: any EventSink) {
    let needs = sink.needs
    decoding = options.decoding(for: needs)
    budget = MemoryBudget(limit: options.memory)
    reassembler = TCPReassembler(
      limits: options.limitsWithinMemory, observesTransport: needs.transport != .none, budget: budget)
    let isShortened = decoding.keptPayload > needs.payloadBytes
    merge = SessionMerge(sink: isShortened ? ShorteningSink(sink) : sink, needs)
    dispatcher = Dispatcher(
      sessions: SessionTable(
        merge: merge, needs, hidesSecrets: options.hidesSecrets, redacts: options.redactedMembers,
        budget: budget),
      options: decoding, ports: options.ports, overlap: options.reassembly.overlap,
      midstreamBytes: min(options.midstreamBytes, options.memory / 8), budget: budget)
  }

  @inline(__always)
  package mutating func receive(
    _ bytes: Span<UInt8>, _ number: UInt64, _ time: CaptureTime, _ originalLength: Int,
    through decoder: inout PacketDecoder
  ) {
    totals.count(number, time, originalLength, captured: bytes.count)
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

  var sink: any EventSink { merge.sink }

  /// Counts a packet whose link type cannot be decoded.
  mutating func receiveUnsupported(_ record: PacketRecord) {
    totals.count(record.number, record.time, record.originalLength, captured: record.originalLength)
    totals.count(.unsupportedLinkType)
  }

  mutating func note(_ end: PacketSource.End) {
    summary.incompleteDatagrams += end.incompleteDatagrams
    summary.damage += end.inputs.damage
    summary.inputs = end.inputs.inputs
  }

  /// Reports what is still open, then the summary.
  package mutating func finish() -> CaptureSummary {
    (summary.firstTime, summary.lastTime) = (totals.times?.first, totals.times?.last)
    summary.timeOrder = totals.order
    (summary.packets, summary.bytes, summary.notTCP) = (totals.packets, totals.bytes, totals.notTCP)
    let end = summary.lastTime ?? CaptureTime(nanoseconds: 0)
    reassembler.finish(packet: totals.lastPacket, time: end, into: dispatcher)
    (summary.truncated, summary.truncatedLengths) = (totals.truncated, totals.truncatedLengths)
    summary.reassembly = reassembler.counts
    summary.connections = reassembler.counts.connections
    summary.sessions = merge.sessions
    summary.tlsConnections = dispatcher.tlsConnections
    (summary.unreadRequests, summary.unreadRequestCount) =
      (dispatcher.unreadRequests.first, dispatcher.unreadRequests.count)
    (summary.unusedRoutes, summary.unusedRouteCount) =
      (dispatcher.unusedRoutes.first, dispatcher.unusedRoutes.count)
    summary.midstreamEvictions = dispatcher.midstream.evicted
    summary.messagesShortened = merge.messagesShortened
    summary.memory = MemoryUse(
      limit: budget.limit, peak: budget.peak, messagesShortened: budget.messagesShortened,
      connectionsLetGo: reassembler.counts.connectionsOverMemory)
    summary.undecodable = totals.byReason
    merge.sink.event(.ended(summary))
    return summary
  }
}
