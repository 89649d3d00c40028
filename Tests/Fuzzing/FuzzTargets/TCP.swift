import PacketLayers
import TCPReassembly
import WireBytes

/// Segments of two connections. Byte 0 chooses the limits; then eight bytes a segment: which connection and
/// side, flags, sequence number (relative to what that side sent last), length, acknowledgment number, time.
///
/// A payload byte is the low byte of its sequence number, so that what is delivered says where it was sent.
func fuzzTCP(_ input: [UInt8]) throws {
  let first = try reassemble(input, seed: 1)
  let second = try reassemble(input, seed: 0xDEAD_BEEF_0000_0001)
  try requireSame(first, second, "another seed of the hash table")
  let observed = try reassemble(input, seed: 1, observes: true)
  try requireSame(first, observed, "observing what TCP did to the bytes")
}

private func reassemble(_ input: [UInt8], seed: UInt64, observes: Bool = false) throws -> [String] {
  var input = FuzzInput(input)
  let sink = StreamChecker(ignoresAfter: .max)
  var limits = ReassemblyLimits()
  let choice = input.byte()
  if choice & 1 != 0 { limits.connections = 1 }
  if choice & 2 != 0 { (limits.pendingPerDirection, limits.pendingInAll) = (2000, 3000) }
  if choice & 4 != 0 { limits.pendingSegments = 4 }
  if choice & 8 != 0 { (limits.segmentsOfGrace, limits.timeOfGrace) = (1, 1_000_000) }
  if choice & 16 != 0 { sink.ignoresAfter = 5 }
  if choice & 32 != 0 { limits.overlap = .last }
  if choice & 64 != 0 { (limits.segmentsOfGraceOneSided, limits.timeOfGraceOneSided) = (2, 1_000_000) }
  if choice & 128 != 0 {
    (limits.lingerTime, limits.idleTime, limits.remembered) = (1_000_000, 2_000_000_000, 0)
  }
  var reassembler = TCPReassembler(limits: limits, observesTransport: observes, seed: seed)
  var next: [UInt32] = [1000, 0xFFFF_FF00, 5, 0x8000_0000]
  var time = CaptureTime(nanoseconds: 0)
  var packet: UInt64 = 0
  while !input.isAtEnd {
    packet += 1
    let who = input.byte()
    let flags = TCPFlags(rawValue: UInt16(input.byte()) & 0x37)
    let offset = Int16(bitPattern: input.short())
    let length = Int(input.byte()) << (who & 8 == 0 ? 0 : 3)
    let acknowledged = Int(Int8(bitPattern: input.byte())) << (who & 64 == 0 ? 0 : 5)
    time.nanoseconds &+= Int64(Int16(bitPattern: input.short())) << 20

    let sender = Int(who & 3)
    let step = UInt32(truncatingIfNeeded: Int(offset) << (who & 16 == 0 ? 0 : 12))
    let sequence = next[sender] &+ step
    let first = flags.contains(.syn) ? sequence &+ 1 : sequence
    // Now and then other bytes than those that belong there.
    let shift: UInt32 = who & 32 == 0 ? 0 : 128
    if shift != 0, length > 0 { sink.checksContent = false }
    let payload = (0..<length).map { UInt8(truncatingIfNeeded: first &+ UInt32($0) &+ shift) }
    let segment = TCPSegment(
      source: IPAddress(ipv4: sender & 1 == 0 ? 1 : 2), destination: IPAddress(ipv4: sender & 1 == 0 ? 2 : 1),
      sourcePort: sender & 1 == 0 ? UInt16(sender) + 1000 : 80,
      destinationPort: sender & 1 == 0 ? 80 : UInt16(sender) + 999, sequence: sequence,
      acknowledgment: next[sender ^ 1] &+ UInt32(truncatingIfNeeded: acknowledged), flags: flags,
      payloadLength: length, cutBytes: who & 128 == 0 ? 0 : 7)
    reassembler.receive(segment, payload: payload.span, packet: packet, time: time, into: sink)
    if Int32(bitPattern: step) >= 0 || flags.contains(.syn) {
      next[sender] = sequence &+ UInt32(length) &+ (flags.isDisjoint(with: [.syn, .fin]) ? 0 : 1)
    }
    try sink.check(last: packet)
  }
  reassembler.finish(packet: packet, time: time, into: sink)
  try sink.check(last: packet)
  try require(sink.open.isEmpty, "\(sink.open.count) connections were never closed")
  return sink.log
}

/// Checks what every sink may rely on.
private final class StreamChecker: ReassemblySink {
  struct Stream {
    var end: UInt64 = 0
    var isFinished = false
    /// What the sequence number and the stream offset of a byte differ by.
    var shift: UInt8?
  }

  private(set) var open: [UInt32: [FlowDirection: Stream]] = [:]
  private(set) var log: [String] = []
  var ignoresAfter: Int
  var checksContent = true
  private var ignored: Set<UInt32> = []
  private var streams: Set<UInt64> = []
  private var tokens: UInt32 = 0
  private var violation: String?
  private var lastPacket: UInt64 = 0

  init(ignoresAfter: Int) { self.ignoresAfter = ignoresAfter }

  func check(last packet: UInt64) throws {
    if let violation { throw BrokenInvariant(description: "\(violation), at packet \(packet)") }
    try require(lastPacket <= packet, "packet \(lastPacket) was named before it came")
  }

  func opened(_ connection: ConnectionInfo) -> UInt32 {
    tokens += 1
    log.append("open \(connection)")
    open[tokens] = [.fromInitiator: Stream(), .fromResponder: Stream()]
    return tokens
  }

  func received(
    _ bytes: Span<UInt8>, _ context: DeliveryContext, _ mark: PayloadMark, _ direction: FlowDirection,
    _ token: UInt32
  ) -> Bool {
    let position = context.position
    expect(bytes.count > 0, "no byte was received")
    change(token, direction, at: position, "received") { stream in
      for index in bytes.indices where checksContent {
        let shift = bytes[index] &- UInt8(truncatingIfNeeded: stream.end &+ UInt64(index))
        expect(stream.shift ?? shift == shift, "a byte at \(position.offset) of another place")
        stream.shift = shift
      }
      stream.end &+= UInt64(bytes.count)
    }
    let acknowledged = context.peerAcknowledged.map { "\($0)" } ?? "nothing"
    log.append("\(token) \(direction) \(bytes.count) at \(position), acknowledging \(acknowledged)")
    if log.count > ignoresAfter { ignored.insert(token) }
    return !ignored.contains(token)
  }

  func lost(_ bytes: UInt64, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition) {
    expect(bytes > 0, "no byte was lost")
    change(token, direction, at: position, "lost") { $0.end &+= bytes }
    log.append("\(token) \(direction) lost \(bytes) at \(position)")
  }

  func finished(_ direction: FlowDirection, _ token: UInt32, at position: StreamPosition) {
    change(token, direction, at: position, "finished") { $0.isFinished = true }
    log.append("\(token) \(direction) end at \(position)")
  }

  func closed(
    _ how: ConnectionEnd, by direction: FlowDirection?, _ token: UInt32, at position: StreamPosition
  ) {
    expect(open.removeValue(forKey: token) != nil, "closed twice")
    lastPacket = max(lastPacket, position.packet)
    log.append("\(token) \(how) \(String(describing: direction)) at \(position)")
  }

  func retransmissionConflict(_ direction: FlowDirection, _ token: UInt32, at position: StreamPosition) {
    expect(open[token] != nil, "a conflict after the end")
    expect(!checksContent, "a conflict although all copies agree")
    log.append("\(token) \(direction) conflict at \(position)")
  }

  private func expect(_ condition: Bool, _ what: @autoclosure () -> String) {
    if !condition && violation == nil { violation = what() }
  }

  private func change(
    _ token: UInt32, _ direction: FlowDirection, at position: StreamPosition, _ what: String,
    _ body: (inout Stream) -> Void
  ) {
    lastPacket = max(lastPacket, position.packet)
    guard var stream = open[token]?[direction] else { return expect(false, "\(what) without a connection") }
    expect(!ignored.contains(token), "\(what) after it was ignored")
    expect(!stream.isFinished, "\(what) after the end")
    expect(stream.end == position.offset, "\(what) at \(position.offset), expected \(stream.end)")
    body(&stream)
    open[token]?[direction] = stream
  }
}
