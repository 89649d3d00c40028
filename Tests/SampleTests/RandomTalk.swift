import TestSupport
import WireBytes

/// One WebSocket connection in which everything may happen that keeps its bytes readable: messages, pings, Close frames and
/// acknowledgments in any order, segments that are not acknowledged for a while, silences, and every way to end.
struct RandomTalk {
  private(set) var packets: [Packet] = []
  /// How many packets the handshakes of TCP and WebSocket take.
  static let handshakePackets = 5

  private var random: SeededRandom
  private let (client, server): (TestEndpoint, TestEndpoint)
  private var next: [Side: UInt32] = [.client: 1000, .server: 5000]
  /// What each side has acknowledged of its peer.
  private var acknowledged: [Side: UInt32] = [.client: 0, .server: 0]
  private var now: CaptureTime
  private var hasClosed: Set<Side> = []

  init(
    client: TestEndpoint, server: TestEndpoint = TestEndpoint("10.0.0.2", 80), random: inout SeededRandom,
    start: CaptureTime = .testStart
  ) {
    (self.client, self.server, now) = (client, server, start)
    self.random = SeededRandom(seed: random.next())
    open()
    // A capture that begins after the handshake needs frames of both sides to know them.
    for side in [Side.client, .server] { text(from: side) }
    for _ in 0..<Int.random(in: 0...12, using: &self.random) { step() }
    close()
    end()
  }

  private mutating func open() {
    var tcp = TCPConversation(client: client, server: server, start: now)
    tcp.upgrade()
    packets = tcp.packets
    now = tcp.now
    next = [.client: tcp.clientNext, .server: tcp.serverNext]
    acknowledged = [.client: tcp.serverNext, .server: tcp.clientNext]
  }

  private mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &random) == 0 }
  private mutating func anySide() -> Side { chance(2) ? .client : .server }

  /// Any one segment; most acknowledge all that the peer has sent.
  private mutating func segment(
    from side: Side, _ flags: TestFlags, _ payload: [UInt8] = [], mayLag: Bool = true
  ) {
    if !mayLag || !chance(3) { acknowledged[side] = next[side.peer] }
    let (source, destination) = side == .client ? (client, server) : (server, client)
    let bytes = tcp(
      from: source.port, to: destination.port, flags, seq: next[side] ?? 0, ack: acknowledged[side] ?? 0,
      payload: payload)
    packets.append(
      Packet(ethernet(ip(from: source.address, to: destination.address, tcp: bytes)), time: now))
    next[side]? &+= UInt32(payload.count) &+ (flags.contains(.fin) ? 1 : 0)
    wait()
  }

  private mutating func wait() {
    let milliseconds =
      chance(8) ? Int.random(in: 400...70_000, using: &random) : Int.random(in: 1...80, using: &random)
    now = now.advanced(milliseconds: milliseconds)
  }

  private mutating func frame(from side: Side, _ first: UInt8, _ payload: [UInt8]) {
    let key = random.bytes(4)
    let bytes = TestSupport.frame(first, payload, isMasked: side == .client, key: key)
    let cut = chance(4) ? Int.random(in: 1..<bytes.count, using: &random) : bytes.count
    segment(from: side, [.psh, .ack], Array(bytes[..<cut]))
    if cut < bytes.count { segment(from: side, [.psh, .ack], Array(bytes[cut...])) }
  }

  private mutating func text(from side: Side) {
    let length = Int.random(in: 4...200, using: &random)
    frame(from: side, 0x81, (0..<length).map { UInt8(ascii: "a") + UInt8($0 % 26) })
  }

  private mutating func step() {
    let side = anySide()
    switch Int.random(in: 0..<6, using: &random) {
    case 0: frame(from: side, 0x89, Array("p\(Int.random(in: 0..<4, using: &random))".utf8))
    case 1: frame(from: side, 0x8A, Array("p\(Int.random(in: 0..<4, using: &random))".utf8))
    case 2: segment(from: side, .ack)
    default: text(from: side)
    }
  }

  /// No Close frame, one, or two, and what a peer sends that has not seen it.
  private mutating func close() {
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      let side = anySide()
      guard hasClosed.insert(side).inserted else { continue }
      let code = [1000, 1001, 1002, 1008, 1009, 1011, 4000].randomElement(using: &random) ?? 1000
      frame(from: side, 0x88, bigEndianBytes(UInt16(code)) + Array((chance(3) ? "bye" : "").utf8))
      if chance(3) { frame(from: chance(2) ? side : side.peer, chance(2) ? 0x81 : 0x89, Array("late".utf8)) }
      if chance(3) { segment(from: side.peer, .ack) }
    }
  }

  private mutating func end() {
    let side = anySide()
    switch Int.random(in: 0..<4, using: &random) {
    case 0: segment(from: side, [.rst, .ack], mayLag: false)
    case 1: segment(from: side, [.fin, .ack])
    case 2: break
    default:
      segment(from: side, [.fin, .ack])
      segment(from: side.peer, [.fin, .ack])
      segment(from: side, .ack, mayLag: false)
    }
  }
}
