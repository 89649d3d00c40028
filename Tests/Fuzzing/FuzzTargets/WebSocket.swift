import WebSocketDecoding
import WireBytes

/// One direction after an upgrade. Byte 0: side and options; byte 1: gaps, how it is compressed, whether the decoder is told where packets
/// begin and end, and their size; three bytes a gap: where it is and how long; the rest is the stream.
func fuzzWebSocket(_ input: [UInt8]) throws {
  let script = FrameScript(input)
  let whole = try script.run { $0 }
  if !script.knowsPackets {
    try requireSame(whole, try script.run { _ in 1 }, "byte by byte")
    var cuts = CutPoints(for: input)
    try requireSame(whole, try script.run { cuts.next(atMost: min($0, 50)) }, "cut otherwise")
  }
  if script.decoding.wantsNoPayload {
    try requireSame(whole, try script.run(judge: SegmentPrescan()) { $0 }, "looked at before")
  }
}

private struct FrameScript {
  private enum Part {
    case bytes([UInt8])
    case lost(UInt64)
  }

  private let parts: [Part]
  private let options: UInt8
  private let compression: SideCompression
  private let packetSize: Int
  /// Calls bring whole packets, and the decoder knows that.
  let knowsPackets: Bool
  private let fed: UInt64

  init(_ bytes: [UInt8]) {
    var input = FuzzInput(bytes)
    options = input.byte()
    let shape = input.byte()
    compression =
      options & 2 == 0
      ? .none
      : SideCompression(
        forgetsContext: options & 4 != 0, windowBits: shape & 16 == 0 ? 15 : 9, isPerFrame: shape & 8 != 0)
    knowsPackets = shape & 32 != 0
    packetSize = [1 << 20, 7, 100, 1448][Int(shape >> 6)]
    let gaps = (0..<Int(shape & 7)).map { _ in (Int(input.short()), input.lostBytes()) }
    var parts: [Part] = []
    var fed: UInt64 = 0
    for (distance, lost) in gaps {
      let piece = input.take(distance & 0xFFF)
      parts += [.bytes(piece), .lost(lost)]
      // As streams of 2⁶⁴ bytes do not exist, sums wrap here as they do in the decoder.
      fed = fed &+ UInt64(piece.count) &+ lost
    }
    let rest = input.rest()
    self.parts = parts + [.bytes(rest)]
    self.fed = fed &+ UInt64(rest.count)
  }

  var decoding: DecodingOptions {
    var decoding = DecodingOptions()
    decoding.inflates = options & 16 == 0
    decoding.reportsFrames = options & 32 != 0
    decoding.keptPayload = [16 << 20, 4096, 100, 0][Int(options >> 6)]
    decoding.inflatedBytes = 1 << 20
    return decoding
  }

  /// `cut` says how many of the bytes that are left of a packet the next call brings. `judge` looks at them before.
  func run(judge: SegmentPrescan? = nil, _ cut: (Int) -> Int) throws -> [String] {
    let sink = MessageChecker(decoding)
    let context = DecodingContext(options: decoding, sink: sink)
    defer { withExtendedLifetime(context) {} }
    let output = unsafe WebSocketOutput(uncounted: context, session: SessionIndex(0))
    var decoder = WebSocketDecoder(side: options & 1 == 0 ? .client : .server, compression: compression)
    if options & 8 != 0 { decoder.startOutOfStep() }

    var position = StreamPosition(offset: 0, packet: 1, time: CaptureTime(nanoseconds: 0))
    for part in parts {
      switch part {
      case .lost(let lost):
        position.packet += 1
        decoder.skip(lost, at: position, into: output)
        position.offset &+= lost
      case .bytes(let bytes):
        var (start, room) = (0, packetSize)
        while start < bytes.count {
          let count = min(cut(min(room, bytes.count - start)), room, bytes.count - start)
          let piece = bytes.span.extracting(start..<start + count)
          let output = unsafe WebSocketOutput(
            uncounted: context, session: SessionIndex(0), packetStart: knowsPackets ? position.offset : nil)
          if let judge, judge.areAll(of: piece) {
            decoder.receive(plainMessages: piece, at: position, into: output)
          } else {
            let taken = decoder.receive(piece, at: position, into: output)
            try require(taken == count, "\(taken) of \(count) bytes taken")
          }
          position = position.advanced(by: count)
          (start, room) = (start + count, room - count)
          if room == 0 { (position.packet, room) = (position.packet + 1, packetSize) }
        }
      }
    }
    decoder.finish(at: position, into: output)
    let counts = decoder.counts
    try require(counts.streamBytes == fed, "\(fed) bytes fed, \(counts)")
    try sink.check(counts)
    return sink.log + ["\(counts) \(decoder.suppressedReports)"]
  }
}

/// Writes down what a decoder finds, and checks it.
final class MessageChecker: WebSocketSink {
  private(set) var log: [String] = []
  /// The payloads of messages, as far as they were kept.
  private(set) var payloads: [[UInt8]] = []
  private(set) var messages: [Message] = []
  private let options: DecodingOptions
  private var seen = SideCounts()
  private var violation: String?

  init(_ options: DecodingOptions) { self.options = options }

  /// Compares what was reported with what was counted.
  func check(_ counts: SideCounts) throws {
    if let violation { throw BrokenInvariant(description: violation) }
    try require(
      seen.messages == counts.messages && seen.bytes == counts.bytes && seen.pings == counts.pings
        && seen.pongs == counts.pongs, "\(counts) counted, \(seen) reported")
    if options.reportsFrames {
      try require(seen.frames == counts.frames, "\(counts.frames) frames counted, \(seen.frames) reported")
    }
  }

  func message(
    _ message: borrowing Message, in _: SessionIndex, missing: [MissingRange], payload: Span<UInt8>
  ) {
    let message = copy message
    let bytes = payload.toArray()
    (seen.messages, seen.bytes) = (seen.messages + 1, seen.bytes &+ message.bytes)
    expect(bytes.count <= options.keptPayload, "\(bytes.count) payload bytes kept of \(message)")
    expect(UInt64(bytes.count) <= message.bytes, "\(bytes.count) payload bytes of \(message)")
    if message.inflated, message.bytes <= min(UInt64(options.keptPayload), options.inflatedBytes) {
      expect(UInt64(bytes.count) == message.bytes, "only \(bytes.count) payload bytes of \(message)")
      if message.opcode == .text, message.complete {
        let isValid = String(validating: bytes, as: UTF8.self) != nil
        expect(isValid == message.isValidUTF8, "valid is \(isValid): \(message)")
      }
    }
    expect(missing.isEmpty || !message.isValidUTF8, "missing, but valid: \(message)")
    expect(message.complete == (message.missingBytes == 0) || !message.complete, "\(message)")
    for (hole, next) in zip(missing, missing.dropFirst()) {
      expect(hole.offset &+ hole.bytes <= next.offset, "missing \(missing)")
    }
    messages.append(message)
    payloads.append(bytes)
    log.append("\(message) \(missing) \(checksum(bytes))")
  }

  func control(
    _ control: borrowing ControlFrame, in _: SessionIndex, peer _: PeerState, payload: Span<UInt8>
  ) {
    let control = copy control
    switch control.opcode {
    case .ping: seen.pings += 1
    case .pong: seen.pongs += 1
    default: expect(control.opcode == .close, "control frame \(control.opcode)")
    }
    expect(payload.count <= options.keptControlPayload, "\(payload.count) bytes of a control frame")
    expect(UInt64(payload.count) <= control.bytes, "\(payload.count) payload bytes of \(control)")
    log.append("\(control) \(checksum(payload.toArray()))")
  }

  func frame(_ frame: borrowing Frame, in _: SessionIndex, payload: Span<UInt8>) {
    let frame = copy frame
    seen.frames += 1
    expect(payload.count <= options.keptPayload, "\(payload.count) bytes of a frame")
    expect(UInt64(payload.count) <= frame.header.payloadBytes, "\(payload.count) payload bytes of \(frame)")
    expect(frame.missingBytes <= frame.header.payloadBytes, "more missing than there is: \(frame)")
    log.append("\(frame) \(checksum(payload.toArray()))")
  }

  func anomaly(_ anomaly: Anomaly, in _: SessionIndex, peer _: PeerState) {
    log.append("\(anomaly.rule.name) \(anomaly.position) \(anomaly.detail)")
  }

  private func expect(_ condition: Bool, _ what: @autoclosure () -> String) {
    if !condition && violation == nil { violation = what() }
  }
}
