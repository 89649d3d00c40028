internal import DequeModule
internal import HTTP1
internal import PacketLayers
internal import SessionTimeline
internal import TCPReassembly
internal import WebSocketDecoding
internal import WireBytes

/// Keeps what the timeline reports, as values that own what they hold, until somebody takes it.
final class EventCollector: TimelineReport {
  private var events: Deque<WebSocketCapture.Event> = []
  private let maximumPayload: Int

  init(maximumPayload: Int) { self.maximumPayload = maximumPayload }

  func take() -> WebSocketCapture.Event? { events.popFirst() }

  func sessionOpened(_ event: SessionOpen) { events.append(.sessionOpened(.init(event))) }

  func message(
    _ message: borrowing WebSocketDecoding.Message, in session: SessionReference,
    missing: [WebSocketDecoding.MissingRange], payload: Span<UInt8>
  ) {
    events.append(
      .message(
        WebSocketCapture.Message(
          session: session.number, from: .init(message.side), opcode: .init(message.opcode),
          time: .init(message.last.time), startTime: .init(message.first.time),
          firstPacket: message.first.packet, lastPacket: message.last.packet, frames: message.frames,
          isCompressed: message.compressed, isInflated: message.inflated, isComplete: message.complete,
          missingBytes: message.missingBytes,
          missing: missing.map { WebSocketCapture.MissingRange(offset: $0.offset, bytes: $0.bytes) },
          bytes: message.bytes, wireBytes: message.wireBytes, payload: kept(payload),
          isValidUTF8: message.isValidUTF8)))
  }

  func control(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    let frame = event.frame
    let (side, time) = (WebSocketCapture.Side(frame.side), WebSocketCapture.Time(frame.first.time))
    switch frame.opcode {
    case .ping:
      events.append(
        .ping(
          WebSocketCapture.Ping(
            session: session.number, from: side, time: time, packet: frame.first.packet, bytes: frame.bytes,
            missingBytes: frame.missingBytes, payload: kept(payload))))
    case .pong:
      events.append(
        .pong(
          WebSocketCapture.Pong(
            session: session.number, from: side, time: time, packet: frame.first.packet, bytes: frame.bytes,
            missingBytes: frame.missingBytes, payload: kept(payload), answersPacket: event.answers?.packet,
            roundTrip: event.roundTrip.map { .nanoseconds($0) })))
    default:
      events.append(
        .close(
          WebSocketCapture.Close(
            session: session.number, from: side, time: time, packet: frame.first.packet,
            missingBytes: frame.missingBytes, code: event.closeCode,
            codeName: event.closeCode.flatMap { CloseCode.name($0) },
            reason: String(decoding: payload.dropping(2).toArray(), as: UTF8.self))))
    }
  }

  func frame(_ frame: borrowing WebSocketDecoding.Frame, in session: SessionReference, payload: Span<UInt8>) {
    let header = frame.header
    events.append(
      .frame(
        WebSocketCapture.Frame(
          session: session.number, from: .init(frame.side), time: .init(frame.last.time),
          packet: frame.first.packet, lastPacket: frame.last.packet, streamOffset: frame.first.offset,
          fin: header.fin, rsv1: header.rsv1, rsv2: header.rsv2, rsv3: header.rsv3,
          opcode: header.opcode.rawValue,
          maskingKey: header.masked ? header.maskingKeyBytes : nil, headerBytes: header.headerBytes,
          payloadBytes: header.payloadBytes, missingBytes: frame.missingBytes, payload: kept(payload))))
  }

  func gap(_ gap: SessionTimeline.Gap, in session: SessionReference) {
    events.append(
      .gap(
        WebSocketCapture.Gap(
          session: session.number, from: .init(gap.side), time: .init(gap.position.time),
          packet: gap.position.packet, streamOffset: gap.position.offset, bytes: gap.bytes)))
  }

  func anomaly(_ anomaly: WireBytes.Anomaly, in session: SessionReference) {
    let (rule, position) = (anomaly.rule, anomaly.position)
    events.append(
      .anomaly(
        WebSocketCapture.Anomaly(
          session: session.number, from: anomaly.side.map { .init($0) }, time: .init(position.time),
          packet: position.packet, streamOffset: position.offset, severity: .init(rule.severity),
          rule: rule.name, reference: rule.reference.isEmpty ? nil : rule.reference, meaning: rule.meaning,
          detail: anomaly.detail)))
  }

  func sessionClosed(_ event: SessionClose) { events.append(.sessionClosed(.init(event))) }

  func captureEnded(_ summary: CaptureSummary) { events.append(.captureEnded(.init(summary))) }

  /// A payload of one packet comes whole, whatever the decoders were told to keep of longer ones.
  private func kept(_ payload: Span<UInt8>) -> [UInt8] { payload.extracting(first: maximumPayload).toArray() }
}
