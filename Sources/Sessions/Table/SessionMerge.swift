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

  // Checks of exclusive access at run time are not needed: neither the sink nor the observers call back here.

  /// By `SessionIndex`: all that the message path reads of a session.
  @exclusivity(unchecked) private var uncheckedReferences = UniqueArray<SessionReference>()
  private var references: UniqueArray<SessionReference> {
    @inline(__always) _read { yield unsafe uncheckedReferences }
    @inline(__always) _modify { yield unsafe &uncheckedReferences }
  }
  /// By `SessionIndex`; nil where a session has ended.
  private var traces: [SessionTrace?] {
    @inline(__always) _read { yield unsafe uncheckedTraces }
    @inline(__always) _modify { yield unsafe &uncheckedTraces }
  }
  @exclusivity(unchecked) private var uncheckedTraces: [SessionTrace?] = []

  /// By `SessionIndex`: whether its messages may be compared with those of another leg. Few are, and every message asks.
  private var areCompared: UniqueArray<Bool> {
    @inline(__always) _read { yield unsafe uncheckedAreCompared }
    @inline(__always) _modify { yield unsafe &uncheckedAreCompared }
  }
  @exclusivity(unchecked) private var uncheckedAreCompared = UniqueArray<Bool>()

  /// What looks at several sessions.
  private struct Observers: ~Copyable {
    var endsByServer = RecentEnds()
    var lifetimes = RecentLifetimes()
    var history = SessionHistory()
    var legs = ProxyLegMatcher()
    var refusedLegs = RefusedLegMatcher()
  }
  private var observers: Observers {
    @inline(__always) _read { yield unsafe uncheckedObservers }
    @inline(__always) _modify { yield unsafe &uncheckedObservers }
  }
  @exclusivity(unchecked) private var uncheckedObservers = Observers()
  /// `legs.isActive`, where every message looks.
  @exclusivity(unchecked) private var uncheckedComparesMessages = false
  private var comparesMessages: Bool {
    @inline(__always) _read { yield unsafe uncheckedComparesMessages }
    @inline(__always) _modify { yield unsafe &uncheckedComparesMessages }
  }

  /// Payload bytes of a message that the sink is shown.
  private let shownPayload: Int
  /// Whether messages are told, so that those of two legs can be compared.
  private let comparesLegs: Bool
  /// Whether anybody reads what led to the end of a session.
  private let tellsCauses: Bool

  /// `needs` are those of the sink.
  package init(sink: any EventSink, _ needs: EventNeeds) {
    (self.sink, shownPayload, comparesLegs) = (sink, needs.payloadBytes, needs.messages)
    tellsCauses = needs.details
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
    trace.index = session
    while references.count <= session.value {
      references.append(reference)
      traces.append(nil)
      areCompared.append(false)
    }
    references[session.value] = reference
    traces[session.value] = trace
    areCompared[session.value] = false

    let leg = trace.key.flatMap { observers.history.leg(trace, key: $0) }
    let sameKey = trace.key.flatMap { observers.history.before(trace, withKey: $0) }
    var refused: RefusedLegMatcher.Found?
    if comparesLegs {
      if opening.outcome.readsFrames {
        observers.legs.opened(
          trace, other: leg?.trace, isFront: leg?.leg.isFront ?? false,
          handshake: handshake.map { LegHandshake($0, hidden: opening.hidden) })
        comparesMessages = observers.legs.isActive
        noteCompared(trace)
        if let other = leg?.trace { noteCompared(other) }
      } else if let handshake {
        refused = observers.refusedLegs.opened(
          trace, LegHandshake(handshake, hidden: opening.hidden), other: leg?.trace)
      }
    }
    noteUpstream(trace, leg, refused)
    let before = observers.history.opened(trace)
    sink.event(
      .opened(
        SessionOpen(
          session: reference, position: opening.position, client: opening.client, server: opening.server,
          tcpClient: opening.tcpClient, via: opening.via, tcpStream: opening.tcpStream, handshake: handshake,
          outcome: opening.outcome,
          hidden: opening.hidden, reconnect: before?.reconnect, leg: leg?.leg ?? refused?.leg)))
    for finding in findings { sink.event(.anomaly(finding, in: reference)) }
    if let request = handshake?.request {
      let found = CrossSessionFindings(request: request, sameKey: sameKey, storm: before?.storm)
      for finding in found.anomalies { sink.event(.anomaly(finding, in: reference)) }
    }
    if let dropped = refused?.dropped { sink.event(.anomaly(dropped.anomaly, in: dropped.session)) }
  }

  /// A Close frame or a FIN of a session came: of two legs the first one tells who ended both.
  func beganEnd(_ act: LegAct, of session: SessionIndex) {
    traces[session.value]?.legCandidate?.note(act)
  }

  /// A session ends.
  func closed(_ ending: consuming SessionEnding, of session: SessionIndex) {
    guard let trace = traces[session.value] else { return }
    traces[session.value] = nil
    let time = ending.verdict.beginOfEnd
    if tellsCauses, ending.verdict.mayBeRestart, let time {
      ending.verdict.otherEnds = observers.endsByServer.note(trace.server, at: time)
    }
    if tellsCauses, let time, let (age, idle) = ending.verdict.ageAtLimit {
      ending.verdict.sameAge = observers.lifetimes.note(
        trace.server, host: trace.host, age: age, idle: idle, isNormal: ending.verdict.isNormalClosure,
        at: time)
    }
    let legs = closeLegs(trace, ending)
    ending.verdict.droppedUpgrade = legs.lazy.compactMap { $0.droppedUpgrade(in: trace.session.number) }.first
    if trace.isBehindProxy { observers.history.noteUpstream(trace) }
    observers.history.closed(
      trace, end: time ?? ending.finish.position.time, isWanted: ending.verdict.isWantedByClient)
    if let key = trace.key { observers.history.forget(key: key, of: trace.session.number) }
    sink.event(.closed(SessionClose(trace.session, ending, legs: legs)))
  }

  /// Of the two legs of a session that begins, which one is the proxy's.
  private func noteUpstream(
    _ trace: SessionTrace, _ leg: (leg: ProxyLeg, trace: SessionTrace)?, _ refused: RefusedLegMatcher.Found?
  ) {
    if let leg {
      let (front, back) = leg.leg.isFront ? (trace, leg.trace) : (leg.trace, trace)
      if back.isUpstream(of: front, isNested: leg.leg.isFront) { observers.history.noteUpstream(back) }
    }
    if let refused, refused.back.number == trace.session.number { observers.history.noteUpstream(trace) }
  }

  /// How its messages compare with those of its other legs; tells where they differ.
  private func closeLegs(_ trace: SessionTrace, _ ending: borrowing SessionEnding) -> [LegComparison] {
    let refused = observers.refusedLegs.closed(trace).map { [$0] } ?? []
    guard let candidate = trace.legCandidate else { return refused }
    let (finish, verdict) = (ending.finish, ending.verdict)
    let isCaptured = finish.end == .fin || finish.end == .rst
    let lost =
      finish.client.counts.lostBytes &+ finish.client.counts.unexplainedBytes
      &+ finish.server.counts.lostBytes &+ finish.server.counts.unexplainedBytes
    let found = observers.legs.closed(
      candidate,
      ProxyLegCandidate.End(
        time: finish.position.time, isCaptured: isCaptured, lostBytes: lost, act: verdict.act,
        idle: candidate.isWanted ? verdict.idle : nil), cause: { verdict.cause })
    comparesMessages = observers.legs.isActive
    for comparison in found {
      if let anomaly = comparison.anomaly(in: trace.session.number, at: finish.position) {
        sink.event(.anomaly(anomaly, in: trace.session))
      }
    }
    return refused + found
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
    if comparesMessages, areCompared[session.value] { compare(message, in: session, payload: payload) }
  }

  func message(
    _ message: borrowing Message, in session: SessionIndex, missing: [MissingRange],
    transport: MessageTransport?, buffer payload: inout PayloadBuffer
  ) {
    countShortened(message)
    // The sink may take the payload.
    if comparesMessages, areCompared[session.value] { compare(message, in: session, payload: payload.bytes) }
    sink.message(
      message, MessageContext(reference(session), missing: missing, transport: transport),
      buffer: &payload)
  }

  /// A message in whose payload values were hidden: `shown` is told for so many bytes of it.
  func message(
    _ message: borrowing Message, in session: SessionIndex, missing: [MissingRange],
    transport: MessageTransport?, payload: Span<UInt8>, shown: Span<UInt8>, for shownBytes: Int
  ) {
    countShortened(message)
    sink.message(
      message,
      MessageContext(reference(session), missing: missing, transport: transport, redactedFrom: shownBytes),
      payload: shown)
    if comparesMessages, areCompared[session.value] { compare(message, in: session, payload: payload) }
  }

  @inline(__always)
  private func countShortened(_ message: borrowing Message) {
    // A run of totals keeps nothing.
    if message.bytes > UInt64(shownPayload), shownPayload > 0 { messagesShortened &+= 1 }
  }

  @inline(never)
  private func compare(_ message: borrowing Message, in session: SessionIndex, payload: Span<UInt8>) {
    guard let candidate = traces[session.value]?.legCandidate else { return }
    observers.legs.received(message, payload: payload, candidate)
    areCompared[session.value] = candidate.isWanted
    comparesMessages = observers.legs.isActive
  }

  /// One whose other leg is known after it was no longer looked for is compared again.
  private func noteCompared(_ trace: SessionTrace) {
    // Another session may have the place of one that has ended.
    guard let index = trace.index, traces[index.value] === trace else { return }
    areCompared[index.value] = trace.legCandidate?.isWanted ?? false
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
