import CaptureInput
import HTTP1
import PacketLayers
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// Picks out the packets of connections that turn out to be WebSocket, from their first packet on.
///
/// It stands between the analysis and its report, so that it hears of each session as it opens. Until then a
/// connection's packets wait, within bounds: what is beyond them is no start of a WebSocket connection. What is
/// picked stands in the file in the order of the capture, as far as `PacketQueue` can wait for it.
package final class ConnectionSieve: TimelineReport {
  private let report: any TimelineReport
  private let file: PacketFile
  private var decoder: PacketDecoder
  private var linkType: Int32
  private var isSupported = true
  private var segment = TCPSegment()
  private var connections: [Ends: Standing] = [:]
  private var waitingBytes = 0
  private var picked = PacketQueue()

  /// Bytes of packets that wait, of a connection and of all.
  static let mostBytesOfOne = 1 << 20
  static let mostBytes = 64 << 20
  /// Connections that are remembered.
  static let mostConnections = 200_000

  /// Both ends, in an order that does not depend on the direction.
  private struct Ends: Hashable {
    let lower: Endpoint
    let higher: Endpoint

    init(_ a: Endpoint, _ b: Endpoint) {
      let isOrdered = (a.address.high, a.address.low, a.port) <= (b.address.high, b.address.low, b.port)
      (lower, higher) = isOrdered ? (a, b) : (b, a)
    }
  }

  /// What waits of a connection. An object, so that it grows in place.
  private final class Line {
    var packets: [KeptPacket] = []
    var bytes = 0
  }

  private enum Standing {
    case open(Line)
    case wanted
    case unwanted
  }

  /// A sieve before `report`, which gets every event; packets that are picked go to `file`. Throws when packets of
  /// the link type cannot be decoded.
  package init(before report: any TimelineReport, into file: PacketFile, linkType: Int32) throws(CaptureError)
  {
    (self.report, self.file, self.linkType) = (report, file, linkType)
    do {
      decoder = try PacketDecoder(linkType: linkType)
    } catch {
      throw CaptureError("\(error)")
    }
  }

  /// Takes a packet before it is analyzed.
  func take(_ bytes: Span<UInt8>, _ record: PacketRecord) {
    write(upTo: record.time)
    if record.linkType != linkType {
      linkType = record.linkType
      isSupported = decoder.use(linkType: linkType)
    }
    guard isSupported, decodes(bytes, record) else { return }
    let ends = Ends(
      Endpoint(address: segment.source, port: segment.sourcePort),
      Endpoint(address: segment.destination, port: segment.destinationPort))
    // A SYN without an ACK begins another connection between the same ends.
    if segment.flags.contains(.syn), !segment.flags.contains(.ack) { forget(ends) }
    switch connections[ends] {
    case .wanted: pick(KeptPacket(record: record, bytes: bytes.toArray()))
    case .unwanted: break
    case .open(let line): hold(bytes, record, ends, line)
    case nil:
      makeRoom()
      let line = Line()
      connections[ends] = .open(line)
      hold(bytes, record, ends, line)
    }
  }

  /// Whether there is a segment in a packet; of several packets in one the first counts.
  private func decodes(_ bytes: Span<UInt8>, _ record: PacketRecord) -> Bool {
    switch decoder.decode(
      bytes, originalLength: record.originalLength, time: record.time, into: &segment)
    {
    case .segment: return true
    case .several:
      while let outcome = decoder.decodeNext(bytes, time: record.time, into: &segment) {
        if case .segment = outcome { return true }
      }
      return false
    case .notTCP, .datagram, .heldFragment, .undecodable: return false
    }
  }

  private func hold(_ bytes: Span<UInt8>, _ record: PacketRecord, _ ends: Ends, _ line: Line) {
    let packet = KeptPacket(record: record, bytes: bytes.toArray())
    let cost = packet.cost
    guard line.bytes + cost <= Self.mostBytesOfOne, waitingBytes + cost <= Self.mostBytes else {
      forget(ends)
      connections[ends] = .unwanted
      return
    }
    line.packets.append(packet)
    line.bytes += cost
    waitingBytes += cost
  }

  private func pick(_ packet: KeptPacket) {
    picked.add(packet)
    // A block has 32 bytes beside its packet.
    file.waitingBytes += packet.bytes.count + 32
  }

  private func write(upTo now: CaptureTime?) {
    while let packet = picked.next(at: now) {
      file.waitingBytes -= packet.bytes.count + 32
      file.write(packet.bytes.span, packet.record)
    }
  }

  private func forget(_ ends: Ends) {
    if case .open(let line) = connections.removeValue(forKey: ends) { waitingBytes -= line.bytes }
  }

  /// Those that are not WebSocket go first; if that is not enough, all whose turn never came.
  private func makeRoom() {
    guard connections.count >= Self.mostConnections else { return }
    connections = connections.filter { if case .unwanted = $0.value { false } else { true } }
    guard connections.count >= Self.mostConnections / 2 else { return }
    connections = connections.filter { if case .wanted = $0.value { true } else { false } }
    waitingBytes = 0
    if connections.count >= Self.mostConnections / 2 { connections = [:] }
  }

  // MARK: TimelineReport

  package var showsDetails: Bool { report.showsDetails }

  package func sessionOpened(_ event: SessionOpen) {
    let ends = Ends(event.client, event.server)
    if case .open(let line) = connections[ends] {
      for packet in line.packets { pick(packet) }
      waitingBytes -= line.bytes
    }
    connections[ends] = .wanted
    report.sessionOpened(event)
  }

  package func message(
    _ message: borrowing Message, in session: SessionReference, missing: [MissingRange], payload: Span<UInt8>
  ) {
    report.message(message, in: session, missing: missing, payload: payload)
  }

  package func control(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    report.control(event, in: session, payload: payload)
  }

  package func frame(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {
    report.frame(frame, in: session, payload: payload)
  }

  package func gap(_ gap: Gap, in session: SessionReference) { report.gap(gap, in: session) }

  package func anomaly(_ anomaly: Anomaly, in session: SessionReference) {
    report.anomaly(anomaly, in: session)
  }

  package func transport(_ transport: MessageTransport, in session: SessionReference) {
    report.transport(transport, in: session)
  }

  package func retransmission(_ event: Retransmission, in session: SessionReference) {
    report.retransmission(event, in: session)
  }

  package func sessionClosed(_ event: SessionClose) { report.sessionClosed(event) }

  package func inputChanged(_ event: InputChange) { report.inputChanged(event) }

  package func captureEnded(_ summary: CaptureSummary) {
    write(upTo: nil)
    report.captureEnded(summary)
  }
}
