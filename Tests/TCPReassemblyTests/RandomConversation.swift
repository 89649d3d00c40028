import PacketLayers
import TestSupport
import Testing
import WireBytes

@testable import TCPReassembly

/// A conversation between two ends, and what an imperfect capture makes of it: packets lost, doubled, cut
/// otherwise, out of order.
struct RandomConversation {
  /// One packet, its numbers counted from the first byte of each stream.
  struct Packet {
    var fromClient: Bool
    var offset: Int
    var bytes: [UInt8]
    var cut = 0
    var ack: Int
    var flags: TCPFlags
    /// A copy, or lost by the capture but known to the other end.
    var mayBeLost = true
    /// Where it stands in the capture.
    var place: Int = 0
  }

  let client: [UInt8]
  let server: [UInt8]
  private(set) var packets: [Packet] = []
  private let clientStart: UInt32
  private let serverStart: UInt32

  init(using random: inout SeededRandom) {
    let sizes = [0, 1, 10, 300, 2000]
    client = random.bytes(sizes.randomElement(using: &random) ?? 1)
    server = random.bytes(sizes.randomElement(using: &random) ?? 1)
    clientStart = Bool.random(using: &random) ? random.start() : 0 &- UInt32(client.count / 2)
    serverStart = Bool.random(using: &random) ? random.start() : 0 &- UInt32(server.count / 2)
    speak(using: &random)
    damage(using: &random)
  }

  /// What both ends send. Each knows all that the other sent before.
  private mutating func speak(using random: inout SeededRandom) {
    add(Packet(fromClient: true, offset: -1, bytes: [], ack: 0, flags: .syn, mayBeLost: false))
    add(
      Packet(
        fromClient: false, offset: -1, bytes: [], ack: 0, flags: [.syn, .ack], mayBeLost: false))
    let most = Int.random(in: 1...60, using: &random)
    var clientPieces = random.pieces(of: client.count, atMost: most)
    var serverPieces = random.pieces(of: server.count, atMost: most)
    var (sentByClient, sentByServer) = (0, 0)
    while !clientPieces.isEmpty || !serverPieces.isEmpty {
      if Bool.random(using: &random) {
        let piece = clientPieces.popLast() ?? 0
        let bytes = Array(client[sentByClient..<sentByClient + piece])
        add(
          Packet(
            fromClient: true, offset: sentByClient, bytes: bytes, ack: sentByServer, flags: .ack))
        sentByClient += piece
      } else {
        let piece = serverPieces.popLast() ?? 0
        let bytes = Array(server[sentByServer..<sentByServer + piece])
        add(
          Packet(
            fromClient: false, offset: sentByServer, bytes: bytes, ack: sentByClient, flags: .ack))
        sentByServer += piece
      }
    }
    // The last acknowledgments are always captured: without them nobody could know of a loss at the end.
    add(
      Packet(
        fromClient: true, offset: sentByClient, bytes: [], ack: sentByServer, flags: .ack,
        mayBeLost: false))
    add(
      Packet(
        fromClient: false, offset: sentByServer, bytes: [], ack: sentByClient, flags: .ack,
        mayBeLost: false))
    guard Int.random(in: 0..<4, using: &random) > 0 else { return }
    add(
      Packet(
        fromClient: true, offset: sentByClient, bytes: [], ack: sentByServer, flags: [.fin, .ack],
        mayBeLost: false))
    add(
      Packet(
        fromClient: false, offset: sentByServer, bytes: [], ack: sentByClient + 1,
        flags: [.fin, .ack],
        mayBeLost: false))
    add(
      Packet(
        fromClient: true, offset: sentByClient + 1, bytes: [], ack: sentByServer + 1, flags: .ack))
  }

  private mutating func add(_ packet: Packet) { packets.append(packet) }

  /// What the network and the capture do.
  private mutating func damage(using random: inout SeededRandom) {
    let loss = [0, 0, 5, 30].randomElement(using: &random) ?? 0
    let doubling = [0, 10, 40].randomElement(using: &random) ?? 0
    let window = [0, 0, 3, 20, 100].randomElement(using: &random) ?? 0
    let snap = [1000, 1000, 20, 0].randomElement(using: &random) ?? 1000
    var captured: [Packet] = []
    for (index, packet) in packets.enumerated() {
      if !packet.mayBeLost || Int.random(in: 0..<100, using: &random) >= loss {
        captured.append(packet)
        captured[captured.endIndex - 1].place = index
      }
      if Int.random(in: 0..<100, using: &random) < doubling, !packet.bytes.isEmpty {
        // The bytes again, cut otherwise: some of them, with some that were sent before.
        let stream = packet.fromClient ? client : server
        let from = max(0, packet.offset - Int.random(in: 0...30, using: &random))
        let to = packet.offset + Int.random(in: 1...packet.bytes.count, using: &random)
        var copy = packet
        (copy.offset, copy.bytes, copy.place) = (from, Array(stream[from..<to]), index)
        captured.append(copy)
      }
    }
    for index in captured.indices.dropFirst(2) {
      let isLast = !captured[index].mayBeLost
      captured[index].place +=
        window == 0 || isLast ? 0 : Int.random(in: 0...window, using: &random)
      let cut = captured[index].bytes.count - snap
      if cut > 0 {
        captured[index].bytes.removeLast(cut)
        captured[index].cut = cut
      }
    }
    let order = captured.indices.sorted { (captured[$0].place, $0) < (captured[$1].place, $1) }
    packets = order.map { captured[$0] }
  }

  /// The reassembler's word against what was sent.
  func check(_ note: Comment) {
    let wire = Wire(clientStart: clientStart, serverStart: serverStart)
    for packet in packets {
      wire.send(
        packet.fromClient ? .fromInitiator : .fromResponder, packet.offset, packet.bytes,
        packet.flags,
        ack: packet.ack, cut: packet.cut)
    }
    wire.finish()
    #expect(wire.log.violations.isEmpty, note)
    #expect(wire.counts.connections == 1, note)
    #expect(wire.log.connections.count <= 1, note)
    check(wire.connection.client, client, fromClient: true, note)
    check(wire.connection.server, server, fromClient: false, note)
    if packets.contains(where: { $0.flags.contains(.fin) }), !client.isEmpty || !server.isEmpty {
      #expect(wire.connection.end == .fin, note)
    }
  }

  private func check(_ stream: Recorder.Stream, _ sent: [UInt8], fromClient: Bool, _ note: Comment) {
    // Without a FIN, a single last byte that was lost cannot be told from one.
    let missing = sent.count - stream.bytes.count - Int(stream.lost)
    let hasFin = packets.contains { $0.flags.contains(.fin) }
    #expect(missing == 0 || missing == 1 && !hasFin, note)
    #expect(stream.bytes == stream.offsets.map { sent[Int($0)] }, note)
    for (offset, number) in zip(stream.offsets, stream.packets) {
      let packet = packets[Int(number) - 1]
      let range = packet.offset..<packet.offset + packet.bytes.count
      #expect(packet.fromClient == fromClient && range.contains(Int(offset)), note)
    }
    // A loss must have a reason.
    if packets.allSatisfy({ $0.cut == 0 }), stream.lost > 0 {
      let captured = packets.filter { $0.fromClient == fromClient }.reduce(into: Set<Int>()) {
        $0.formUnion($1.offset..<$1.offset + $1.bytes.count)
      }
      #expect(captured.filter { $0 >= 0 }.count < sent.count || packets.count > 32, note)
    }
  }
}

extension SeededRandom {
  fileprivate mutating func start() -> UInt32 { UInt32(truncatingIfNeeded: next()) }
}
