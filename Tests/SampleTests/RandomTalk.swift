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
  /// Of so many segments one does not acknowledge what its sender has received.
  private var lag = 3

  init(
    client: TestEndpoint, server: TestEndpoint = TestEndpoint("10.0.0.2", 80), random: inout SeededRandom,
    start: CaptureTime = .testStart
  ) {
    (self.client, self.server, now) = (client, server, start)
    self.random = SeededRandom(seed: random.next())
    open()
    // With nothing before them, the Close frames are all by which a session without its handshake is recognised.
    if chance(2) { for side in [Side.client, .server] { text(from: side, inPieces: false) } }
    if chance(2) { for _ in 0..<Int.random(in: 0...12, using: &self.random) { step() } }
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
    if !mayLag || !chance(lag) { acknowledged[side] = next[side.peer] }
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

  private mutating func frame(from side: Side, _ first: UInt8, _ payload: [UInt8], inPieces: Bool = true) {
    let key = random.bytes(4)
    let bytes = TestSupport.frame(first, payload, isMasked: side == .client, key: key)
    let cut = inPieces && chance(4) ? Int.random(in: 1..<bytes.count, using: &random) : bytes.count
    segment(from: side, [.psh, .ack], Array(bytes[..<cut]))
    if cut < bytes.count { segment(from: side, [.psh, .ack], Array(bytes[cut...])) }
  }

  private mutating func text(from side: Side, inPieces: Bool = true) {
    let length = Int.random(in: 20...200, using: &random)
    let text = (0..<length).map { UInt8(ascii: "a") + UInt8($0 % 26) }
    frame(from: side, 0x81, text, inPieces: inPieces)
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

  /// No Close frame, one, or one of each side, and what a peer sends that has not seen it.
  private mutating func close() {
    lag = 2
    var closers = [Side.client, .server].shuffled(using: &random)
    closers.removeLast([0, 0, 0, 1, 2].randomElement(using: &random) ?? 0)
    for side in closers {
      let code = [1000, 1001, 1002, 1008, 1009, 1011, 4000].randomElement(using: &random) ?? 1000
      frame(from: side, 0x88, bigEndianBytes(UInt16(code)) + Array((chance(3) ? "bye" : "").utf8))
      if chance(3) { frame(from: anySide(), chance(2) ? 0x81 : 0x89, Array("late".utf8)) }
      if chance(3) { segment(from: side.peer, .ack) }
    }
  }

  /// The packets as a capture has them that could not keep up: one in ten is missing, but none of the handshakes.
  mutating func losePackets() {
    var kept = Array(packets[..<Self.handshakePackets])
    for packet in packets[Self.handshakePackets...] where !chance(10) { kept.append(packet) }
    packets = kept
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
