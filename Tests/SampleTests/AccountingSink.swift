import Output
import SessionAnalysis
import Sessions
import WebSocketDecoding
import WireBytes

/// Adds up what it is told and compares with the totals that sessions close with; passes everything on to the
/// outputs that a user can ask for.
final class AccountingSink: EventSink {
  /// What did not add up.
  private(set) var complaints: [String] = []
  private(set) var isFinished = false
  private let others: [any EventSink]
  private var open: [UInt64: [Side: Sums]] = [:]
  private var sessions: UInt64 = 0
  private var streamBytes: UInt64 = 0

  private struct Sums: Equatable {
    var messages: UInt64 = 0
    var bytes: UInt64 = 0
    var frames: UInt64 = 0
    var wireBytes: UInt64 = 0
    var pings: UInt64 = 0
    var pongs: UInt64 = 0
    var lostBytes: UInt64 = 0
  }

  init(_ others: [any EventSink]) { self.others = others }

  var needs: EventNeeds {
    others.reduce(EventNeeds(payloadBytes: 0, controlBytes: 0, details: false)) { $0.union($1.needs) }
  }
  var demand: Demand { .more }

  private func add(_ session: SessionReference, _ side: Side, _ change: (inout Sums) -> Void) {
    mustBeOpen(session)
    change(&open[session.number, default: [:]][side, default: Sums()])
  }

  private func mustBeOpen(_ session: SessionReference) {
    if open[session.number] == nil { complaints.append("session \(session.number) is not open") }
  }

  func event(_ event: Sessions.Event) {
    switch event {
    case .opened(let event): open(event)
    case .gap(let gap, let session): add(session, gap.side) { $0.lostBytes &+= gap.bytes }
    case .anomaly(_, let session), .retransmission(_, let session): mustBeOpen(session)
    case .closed(let event): close(event)
    case .inputChanged: break
    case .ended(let summary): end(summary)
    }
    for other in others { other.event(event) }
  }

  private func open(_ event: SessionOpen) {
    sessions += 1
    if event.session.number != sessions { complaints.append("\(event.session.number) is not next") }
    open[event.session.number] = [:]
  }

  func message(
    _ message: borrowing Message, _ context: MessageContext, payload: Span<UInt8>
  ) {
    let (bytes, shown) = (message.bytes, UInt64(payload.count))
    if shown > bytes { complaints.append("\(shown) bytes shown of a message of \(bytes)") }
    add(context.session, message.side) {
      $0.messages += 1
      $0.bytes &+= bytes
    }
    for other in others { other.message(message, context, payload: payload) }
  }

  func control(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    add(session, event.frame.side) {
      if event.frame.opcode == .ping { $0.pings += 1 }
      if event.frame.opcode == .pong { $0.pongs += 1 }
    }
    for other in others { other.control(event, in: session, payload: payload) }
  }

  func frame(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {
    let captured = UInt64(frame.header.headerBytes) &+ frame.header.payloadBytes &- frame.missingBytes
    add(session, frame.side) {
      $0.frames += 1
      $0.wireBytes &+= captured
    }
    for other in others { other.frame(frame, in: session, payload: payload) }
  }

  private func close(_ event: SessionClose) {
    let number = event.session.number
    guard let sums = open.removeValue(forKey: number) else {
      complaints.append("session \(number) closes, which is not open")
      return
    }
    for (side, counts) in [(Side.client, event.client), (.server, event.server)] {
      let told = sums[side] ?? Sums()
      let closed = Sums(
        messages: counts.messages, bytes: counts.bytes, frames: counts.frames, wireBytes: counts.wireBytes,
        pings: counts.pings, pongs: counts.pongs, lostBytes: counts.lostBytes)
      if told != closed { complaints.append("\(side) of session \(number): events \(told), total \(closed)") }
      let captured = counts.wireBytes &+ counts.unexplainedBytes
      if counts.streamBytes != captured &+ counts.lostBytes {
        complaints.append("\(side) of session \(number): stream bytes do not add up")
      }
      streamBytes &+= captured
    }
  }

  private func end(_ summary: CaptureSummary) {
    if isFinished { complaints.append("the capture ends twice") }
    isFinished = true
    if !open.isEmpty { complaints.append("sessions \(open.keys.sorted()) never close") }
    if summary.sessions != sessions {
      complaints.append("\(summary.sessions) sessions instead of \(sessions)")
    }
  }

  /// What is wrong when the input had so many bytes.
  func complaints(inputBytes: Int) -> [String] {
    guard streamBytes > UInt64(inputBytes) else { return complaints }
    return complaints + ["\(streamBytes) bytes of frames in an input of \(inputBytes)"]
  }
}
