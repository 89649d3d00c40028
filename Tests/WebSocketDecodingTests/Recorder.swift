import TestSupport
import WireBytes

@testable import WebSocketDecoding

/// What a decoder told its sink, kept.
final class Recorder: WebSocketSink {
  struct SeenMessage {
    var message: Message
    var missing: [MissingRange]
    var payload: [UInt8]
    var text: String { String(decoding: payload, as: UTF8.self) }
  }

  struct SeenControl {
    var control: ControlFrame
    var payload: [UInt8]
  }

  struct SeenFrame {
    var frame: Frame
    var payload: [UInt8]
  }

  private(set) var messages: [SeenMessage] = []
  private(set) var controls: [SeenControl] = []
  private(set) var frames: [SeenFrame] = []
  private(set) var anomalies: [Anomaly] = []
  /// Everything in order, with every field: what split feeding compares.
  private(set) var log: [String] = []

  func message(
    _ message: borrowing Message, in _: SessionIndex, missing: [MissingRange], payload: Span<UInt8>
  ) {
    let kept = copy message
    messages.append(SeenMessage(message: kept, missing: missing, payload: payload.toArray()))
    let flags = "compressed \(kept.compressed) inflated \(kept.inflated) complete \(kept.complete)"
    let sizes =
      "\(kept.frames) frames, \(kept.wireBytes) wire, \(kept.bytes) bytes, \(kept.missingBytes) missing"
    let place = "\(describe(kept.first)) to \(describe(kept.last))"
    let gaps = missing.map { "\($0.offset)+\($0.bytes)" }
    log.append(
      "message \(kept.side.name) \(kept.opcode.name) \(place): \(sizes), \(flags), "
        + "utf8 \(kept.isValidUTF8), missing \(gaps), payload \(digest(payload))")
  }

  func control(
    _ control: borrowing ControlFrame, in _: SessionIndex, peer _: PeerState, payload: Span<UInt8>
  ) {
    let kept = copy control
    controls.append(SeenControl(control: kept, payload: payload.toArray()))
    log.append(
      "\(kept.opcode.name) \(kept.side.name) \(describe(kept.first)) to \(describe(kept.last)): "
        + "\(kept.bytes) bytes, \(kept.wireBytes) wire, \(kept.missingBytes) missing, \(digest(payload))")
  }

  func frame(_ frame: borrowing Frame, in _: SessionIndex, payload: Span<UInt8>) {
    let kept = copy frame
    frames.append(SeenFrame(frame: kept, payload: payload.toArray()))
    log.append(
      "frame \(kept.side.name) \(kept.header.firstByte) \(describe(kept.first)) to \(describe(kept.last)): "
        + "\(kept.header.payloadBytes) bytes, key \(kept.header.maskingKeyBytes), "
        + "\(kept.missingBytes) missing, \(digest(payload))")
  }

  func anomaly(_ anomaly: Anomaly, in _: SessionIndex, peer _: PeerState) {
    anomalies.append(anomaly)
    let side = anomaly.side?.name ?? "nobody"
    log.append("anomaly \(anomaly.rule.name) \(side) \(describe(anomaly.position)): \(anomaly.detail)")
  }

  /// The names of the rules that were reported, in order.
  var rules: [String] { anomalies.map { $0.rule.name } }

  /// Texts of the messages, in order.
  var texts: [String] { messages.map { $0.text } }

  private func describe(_ position: StreamPosition) -> String { "\(position.offset)@\(position.packet)" }

  private func digest(_ payload: Span<UInt8>) -> String {
    if payload.count <= 40 { return "\(payload.toArray())" }
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in payload.indices { hash = (hash ^ UInt64(payload[index])) &* 0x100_0000_01b3 }
    return "\(payload.count) bytes, hash \(hash)"
  }
}

/// How a test's decoder is made.
struct Setup: Sendable {
  var side = Side.client
  var compression = SideCompression.none
  var outOfStep = false
  var options = DecodingOptions()

  init(_ side: Side, compression: Bool = false, forgetsContext: Bool = false, outOfStep: Bool = false) {
    self.side = side
    if compression { self.compression = SideCompression(forgetsContext: forgetsContext) }
    self.outOfStep = outOfStep
  }

  func decoder() -> WebSocketDecoder {
    var decoder = WebSocketDecoder(side: side, compression: compression)
    if outOfStep { decoder.startOutOfStep() }
    return decoder
  }
}

/// One packet of a test stream: its bytes, or that so many were lost.
enum Packet {
  case bytes([UInt8])
  case lost(UInt64)
}

/// A decoder that ran over a stream.
struct Outcome {
  var seen: Recorder
  var counts: SideCounts
  var sawClose: Bool
  var suppressed: [(rule: Rule, count: Int)]
  var compression: CompressionCounts

  var messages: [Recorder.SeenMessage] { seen.messages }
  var rules: [String] { seen.rules }
  var texts: [String] { seen.texts }
}

/// Where packet `number` (counted from 1) brings the byte at `offset`.
func position(_ offset: UInt64, packet: UInt64) -> StreamPosition {
  StreamPosition(
    offset: offset, packet: packet, time: CaptureTime(nanoseconds: Int64(clamping: packet) &* 1_000_000))
}

/// Decodes one packet per element; the decoder is told that calls are packets, as it is in a capture.
func decode(wholePackets packets: [[UInt8]], _ setup: Setup) -> Outcome {
  decode(packets.map { .bytes($0) }, setup, areWhole: true)
}

/// Decodes packets, each in one call, and finishes. `areWhole`: the decoder is told that calls are packets.
func decode(_ packets: [Packet], _ setup: Setup, areWhole: Bool = false) -> Outcome {
  let seen = Recorder()
  let context = DecodingContext(options: setup.options, sink: seen)
  defer { withExtendedLifetime(context) {} }
  let output = unsafe WebSocketOutput(uncounted: context, session: SessionIndex(0))
  var decoder = setup.decoder()
  var (offset, number) = (UInt64(0), UInt64(0))
  for packet in packets {
    switch packet {
    case .bytes(let bytes):
      number += 1
      let inPacket = unsafe WebSocketOutput(
        uncounted: context, session: SessionIndex(0), packetStart: areWhole ? offset : nil)
      _ = decoder.receive(bytes.span, at: position(offset, packet: number), into: inPacket)
      offset &+= UInt64(bytes.count)
    case .lost(let lost):
      decoder.skip(lost, at: position(offset, packet: number), into: output)
      offset &+= lost
    }
  }
  decoder.finish(at: position(offset, packet: number), into: output)
  return Outcome(
    seen: seen, counts: decoder.counts, sawClose: decoder.sawClose, suppressed: decoder.suppressedReports,
    compression: decoder.compressionCounts)
}

/// Decodes one packet per element.
func decode(_ packets: [[UInt8]], _ setup: Setup) -> Outcome { decode(packets.map { .bytes($0) }, setup) }

/// All events, all fields, and the counts: for split feeding.
func events(_ stream: SplitStream, _ setup: Setup) -> [String] {
  let seen = Recorder()
  let context = DecodingContext(options: setup.options, sink: seen)
  defer { withExtendedLifetime(context) {} }
  let output = unsafe WebSocketOutput(uncounted: context, session: SessionIndex(0))
  var decoder = setup.decoder()
  stream.feed(to: &decoder, into: output)
  return seen.log + ["\(decoder.counts), close \(decoder.sawClose)"]
}
