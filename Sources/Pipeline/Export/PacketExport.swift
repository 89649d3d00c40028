import CaptureInput
import PacketLayers
import Sessions
import TCPReassembly
import WireBytes

/// Exports the packets of connections that turn out to be WebSocket, from their first packet on.
///
/// It taps the packets before the analysis, and is a stage in front of the output, where it hears of each session as it opens.
/// Until then a connection's packets wait, within bounds: what exceeds them is no start of a WebSocket connection. The file has
/// the packets in the order of the capture, as far as `PacketQueue` can wait for it.
package final class PacketExport: EventStage, PacketTap {
  package let next: any EventSink
  private let file: PacketFile
  private var decoder: PacketDecoder
  private var linkType: Int32
  private var isSupported = true
  private var segment = TCPSegment()
  private var connections: [Ends: Standing] = [:]
  private var waitingBytes = 0
  private var picked = PacketQueue()

  /// The most bytes of packets that wait, of one connection and of all.
  static let mostBytesOfOne = 1 << 20
  static let mostBytes = 64 << 20
  /// The most connections that are remembered.
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

  /// The packets of a connection that wait. An object, so that it grows in place.
  private final class Line {
    var packets: [KeptPacket] = []
    var bytes = 0
  }

  private enum Standing {
    case open(Line)
    case wanted
    case unwanted
  }

  /// An export in front of `next`, which gets every event, into `file`. Throws when packets of the link type cannot be decoded.
  package init(before next: any EventSink, into file: PacketFile, linkType: Int32) throws(CaptureError) {
    (self.next, self.file, self.linkType) = (next, file, linkType)
    do {
      decoder = try PacketDecoder(linkType: linkType)
    } catch {
      throw CaptureError("\(error)")
    }
  }

  package func packet(_ bytes: Span<UInt8>, _ record: PacketRecord) {
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

  /// Connections that are not WebSocket go first; if that is not enough, all that are undecided.
  private func makeRoom() {
    guard connections.count >= Self.mostConnections else { return }
    connections = connections.filter { if case .unwanted = $0.value { false } else { true } }
    guard connections.count >= Self.mostConnections / 2 else { return }
    connections = connections.filter { if case .wanted = $0.value { true } else { false } }
    waitingBytes = 0
    if connections.count >= Self.mostConnections / 2 { connections = [:] }
  }

  // MARK: Events

  package var demand: Demand { file.failure == nil && !file.isFull ? next.demand : .enough }

  package func event(_ event: Event) {
    switch event {
    case .opened(let session): pickAll(of: session)
    case .ended: write(upTo: nil)
    default: break
    }
    next.event(event)
  }

  private func pickAll(of session: SessionOpen) {
    let ends = Ends(session.tcpClient, session.server)
    if case .open(let line) = connections[ends] {
      for packet in line.packets { pick(packet) }
      waitingBytes -= line.bytes
    }
    connections[ends] = .wanted
  }
}
