import BasicContainers
import CPrefetch
import SessionAnalysis
import WebSocketDecoding
import WireBytes

/// Takes the events of all sessions in the order of the capture, numbers the sessions, adds what only several sessions
/// together show, and passes everything on to the sink.
///
/// It stands after the work on each session and is never asked by it, so that this work can be done on several threads.
/// A session is named by its `SessionIndex` until here.
package final class SessionMerge {
  /// Takes the events.
  package let sink: any EventSink
  /// Sessions so far.
  package private(set) var sessions: UInt64 = 0
  /// Messages longer than what is kept of one.
  package private(set) var messagesShortened: UInt64 = 0

  /// By `SessionIndex`: all that the message path reads of a session.
  @exclusivity(unchecked) private var uncheckedReferences = UniqueArray<SessionReference>()
  private var references: UniqueArray<SessionReference> {
    @inline(__always) _read { yield unsafe uncheckedReferences }
    @inline(__always) _modify { yield unsafe &uncheckedReferences }
  }
  /// By `SessionIndex`; nil where a session has ended.
  private var traces: [SessionTrace?] = []

  private var endsByServer = RecentEnds()
  private var lifetimes = RecentLifetimes()
  private var history = SessionHistory()
  private var legs = ProxyLegMatcher()
  /// `legs.isActive`, where every message looks.
  @exclusivity(unchecked) private var uncheckedComparesMessages = false
  private var comparesMessages: Bool {
    @inline(__always) _read { yield unsafe uncheckedComparesMessages }
    @inline(__always) _modify { yield unsafe &uncheckedComparesMessages }
  }

  /// Payload bytes of a message that the sink is shown.
  private let shownPayload: Int
  /// Whether payloads are kept for the sink, so that those of two legs can be compared.
  private var comparesLegs: Bool { shownPayload > 0 }

  /// `needs` are those of the sink.
  package init(sink: any EventSink, _ needs: EventNeeds) {
    (self.sink, shownPayload) = (sink, needs.payloadBytes)
  }

  /// Asks for the memory that a message of a session will touch soon.
  @inline(__always)
  func prefetch(_ session: SessionIndex) {
    guard session.value >= 0, session.value < references.count else { return }
    unsafe references.span.withUnsafeBufferPointer {
      unsafe wstap_prefetch($0.baseAddress.unsafelyUnwrapped + session.value)
    }
  }

  @inline(__always)
  private func reference(_ session: SessionIndex) -> SessionReference { references[session.value] }

  // MARK: Sessions

  /// A session begins. `findings` are those of its handshake.
  func opened(_ opening: SessionOpening, findings: [Anomaly], as session: SessionIndex) {
    sessions += 1
    let handshake = opening.handshake
    let start = handshake?.request?.start.time ?? opening.position.time
    let reference = SessionReference(number: sessions, start: start)
    let trace = SessionTrace(
      reference, client: opening.client, server: opening.server, tcpClient: opening.tcpClient,
      handshake: handshake)
    while references.count <= session.value {
      references.append(reference)
      traces.append(nil)
    }
    references[session.value] = reference
    traces[session.value] = trace

    let before = trace.place.map { history.opened(sessions, at: $0, request: start) }
    let leg = trace.key.flatMap { history.leg(trace, key: $0) }
    let sameKey = trace.key.flatMap { history.before(trace, withKey: $0) }
    if comparesLegs, opening.outcome.readsFrames {
      legs.opened(trace, other: leg?.trace, isFront: leg?.leg.isFront ?? false)
      comparesMessages = legs.isActive
    }
    sink.event(
      .opened(
        SessionOpen(
          session: reference, position: opening.position, client: opening.client, server: opening.server,
          tcpClient: opening.tcpClient, via: opening.via, tcpStream: opening.tcpStream, handshake: handshake,
          outcome: opening.outcome,
          hidden: opening.hidden, reconnect: before?.reconnect, leg: leg?.leg)))
    for finding in findings { sink.event(.anomaly(finding, in: reference)) }
    if let request = handshake?.request {
      let found = CrossSessionFindings(request: request, sameKey: sameKey, storm: before?.storm)
      for finding in found.anomalies { sink.event(.anomaly(finding, in: reference)) }
    }
  }

  /// A session ends.
  func closed(_ ending: SessionEnding, of session: SessionIndex) {
    guard let trace = traces[session.value] else { return }
    traces[session.value] = nil
    var verdict = ending.verdict
    let time = verdict.beginOfEnd
    if verdict.mayBeRestart, let time { verdict.otherEnds = endsByServer.note(trace.server, at: time) }
    if let time, let (age, idle) = verdict.ageAtLimit {
      verdict.sameAge = lifetimes.note(trace.server, age: age, idle: idle, at: time)
    }
    remember(trace, verdict, end: time ?? ending.finish.position.time)
    let legs = closeLegs(trace, ending.finish)
    sink.event(.closed(SessionClose(trace.session, ending, verdict, legs: legs)))
  }

  /// What sessions that begin later are compared with.
  private func remember(_ trace: SessionTrace, _ verdict: Verdict, end: CaptureTime) {
    let number = trace.session.number
    if let place = trace.place {
      history.closed(number, at: place, end: end, isWanted: verdict.isWantedByClient)
    }
    if let key = trace.key { history.forget(key: key, of: number) }
  }

  /// How its messages compare with those of its other legs; tells where they differ.
  private func closeLegs(_ trace: SessionTrace, _ finish: SessionFinish) -> [LegComparison] {
    guard let candidate = trace.legCandidate else { return [] }
    let isCaptured = finish.end == .fin || finish.end == .rst
    let lost =
      finish.client.counts.lostBytes &+ finish.client.counts.unexplainedBytes
      &+ finish.server.counts.lostBytes &+ finish.server.counts.unexplainedBytes
    let found = legs.closed(
      candidate, ProxyLegCandidate.End(time: finish.position.time, isCaptured: isCaptured, lostBytes: lost))
    comparesMessages = legs.isActive
    for comparison in found {
      if let anomaly = comparison.anomaly(in: trace.session.number, at: finish.position) {
        sink.event(.anomaly(anomaly, in: trace.session))
      }
    }
    return found
  }

  // MARK: Events of a session

  /// `transport`: what TCP did to the message, if there is anything to say of it.
  @inline(__always)
  func message(
    _ message: borrowing Message, in session: SessionIndex, missing: [MissingRange],
    transport: MessageTransport?, payload: Span<UInt8>
  ) {
    countShortened(message)
    sink.message(
      message, MessageContext(reference(session), missing: missing, transport: transport),
      payload: payload)
    if comparesMessages { compare(message, in: session, payload: payload) }
  }

  func message(
    _ message: borrowing Message, in session: SessionIndex, missing: [MissingRange],
    transport: MessageTransport?, buffer payload: inout PayloadBuffer
  ) {
    countShortened(message)
    // The sink may take the payload.
    if comparesMessages { compare(message, in: session, payload: payload.bytes) }
    sink.message(
      message, MessageContext(reference(session), missing: missing, transport: transport),
      buffer: &payload)
  }

  @inline(__always)
  private func countShortened(_ message: borrowing Message) {
    // A run of totals keeps nothing.
    if message.bytes > UInt64(shownPayload), shownPayload > 0 { messagesShortened &+= 1 }
  }

  @inline(never)
  private func compare(_ message: borrowing Message, in session: SessionIndex, payload: Span<UInt8>) {
    guard let candidate = traces[session.value]?.legCandidate else { return }
    legs.received(message, payload: payload, candidate)
    comparesMessages = legs.isActive
  }

  func control(_ event: ControlEvent, in session: SessionIndex, payload: Span<UInt8>) {
    sink.control(event, in: reference(session), payload: payload)
  }

  func frame(_ frame: borrowing Frame, in session: SessionIndex, payload: Span<UInt8>) {
    sink.frame(frame, in: reference(session), payload: payload)
  }

  func gap(_ gap: Gap, in session: SessionIndex) { sink.event(.gap(gap, in: reference(session))) }

  func anomaly(_ anomaly: Anomaly, in session: SessionIndex) {
    sink.event(.anomaly(anomaly, in: reference(session)))
  }

  func retransmission(_ event: Retransmission, in session: SessionIndex) {
    sink.event(.retransmission(event, in: reference(session)))
  }
}
