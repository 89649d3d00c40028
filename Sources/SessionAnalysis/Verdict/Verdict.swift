import TCPReassembly
import WireBytes

/// How a session ended and why: facts from what was observed. Output makes sentences of them.
///
/// Few are stored: most sessions end without anybody asking for the others.
public struct Verdict: Sendable {
  /// How.
  public let how: SessionEnd
  /// Who began the end; nil when nobody did, or it is not known.
  public let closedBy: ClosingSide?
  /// The status code of the first Close frame.
  public let code: UInt16?

  /// Other sessions that the same server ended shortly before this one.
  package var otherEnds = 0
  /// Other sessions of the same server, or the same host, that had ended at the same age.
  package var sameAge: RecentLifetimes.SameAge?

  /// What a proxy dropped of the request, which was refused.
  package var droppedUpgrade: DroppedUpgrade?
  /// The body of the answer that refused the request, if all of it is known and text.
  package var refusalBody: String?
  /// The reason of the answer's status line as it may be shown, if it holds a secret.
  package var shownReason: String?

  private let known: SessionEvidence

  private var record: SessionFacts {
    @inline(__always) _read { yield known.facts }
  }
  private var finish: SessionFinish {
    @inline(__always) _read { yield known.finish }
  }
  private var end: ConnectionEnd { known.finish.end }
  private var tcpSide: Side? { known.finish.tcpSide }
  private var position: StreamPosition { known.finish.position }

  /// The Close frame that came first.
  private var first: (side: Side, close: CloseFrame)? { known.facts.firstClose }
  /// The FIN that began the end: before any Close frame, and its sender sent none.
  private var firstFin: FirstFin? { Self.firstFin(known) }

  /// The verdict on a session that has ended.
  package init(_ known: SessionEvidence) {
    self.known = known
    let closer = known.facts.firstCloser
    code = closer.flatMap { $0 == .client ? known.facts.clientClose?.code : known.facts.serverClose?.code }
    let end = known.finish.end
    let firstFin = Self.firstFin(known)
    let wasRefused = known.facts.wasRefused
    if let closer, firstFin == nil, !wasRefused,
      known.facts.didClose(closer.peer) || end == .fin || end == .rst
    {
      how = known.facts.didClose(closer.peer) ? .closeHandshake : .closeUnanswered
      closedBy = known.facts.closesCrossed ? .both : closer == .client ? .client : .server
    } else {
      // A RST may follow a FIN: then that began the end.
      let tcpSide = known.finish.tcpSide
      let (how, side) = Self.tcpEnd(end, end == .rst ? known.finish.firstFin?.side ?? tcpSide : tcpSide)
      // What began may not have come to its end in the capture.
      let ender = wasRefused ? side : side ?? firstFin?.side ?? closer
      self.how = how
      closedBy = ender.map { $0 == .client ? .client : .server }
    }
  }

  private static func firstFin(_ known: SessionEvidence) -> FirstFin? {
    guard let fin = known.finish.firstFin, !known.facts.didClose(fin.side),
      known.facts.placeOfFirstClose.map({ fin.position.packet < $0.packet }) ?? true
    else { return nil }
    return fin
  }

  private static func tcpEnd(_ end: ConnectionEnd, _ side: Side?) -> (SessionEnd, Side?) {
    switch end {
    case .fin: (.fin, side)
    case .rst: (.rst, side)
    case .captureEnd, .replaced: (.captureEnd, nil)
    case .gaveUp: (.gaveUp, nil)
    }
  }

  /// When the end began: with the first Close frame, FIN or RST; nil without any of them.
  package var beginOfEnd: CaptureTime? {
    if let firstFin { return firstFin.position.time }
    if let place = record.placeOfFirstClose { return place.time }
    switch end {
    case .fin, .rst: return (finish.firstFin?.position ?? finish.position).time
    case .replaced, .captureEnd, .gaveUp: return nil
    }
  }

  /// What began the end; nil when nothing did.
  package var act: LegAct? {
    if let firstFin { return LegAct(.fin, by: firstFin.side, at: firstFin.position) }
    if let first {
      return LegAct(
        .close(first.close.code), by: first.side, at: first.close.position, isCrossing: closedBy == .both)
    }
    guard end == .fin || end == .rst, let side = finish.firstFin?.side ?? tcpSide else { return nil }
    let isReset = end == .rst && finish.firstFin == nil
    return LegAct(isReset ? .reset : .fin, by: side, at: finish.firstFin?.position ?? position)
  }

  /// The client closed as one does that has no more to say.
  package var isWantedByClient: Bool {
    guard firstFin == nil, let first, first.side == .client || closedBy == .both else { return false }
    let code = record.clientClose?.code
    return code == nil || code == 1000 || code == 1001
  }

  /// The server ended it, and said nothing that speaks against a restart.
  package var mayBeRestart: Bool {
    closedBy == .server && !isEndedOnTheWay && (opening == nil || CauseSearch.isRestart(opening))
  }

  /// Most likely a host that translates addresses sent the RST that ended it, in the name of `closedBy`.
  package var isEndedOnTheWay: Bool { finish.isResetOnTheWay && how == .rst && finish.firstFin == nil }

  /// The Close frame that began the end.
  private var opening: CloseFrame? { firstFin == nil ? first?.close : nil }

  // MARK: Why

  /// What led to it, as far as that can be seen.
  public var cause: Cause? {
    guard !record.wasRefused else {
      return RefusalSearch(facts: record, droppedUpgrade: droppedUpgrade, body: refusalBody).cause
    }
    guard let time = beginOfEnd, let closedBy else { return causeWithoutEnd }
    if closedBy == .both { return nil }
    return search(closedBy == .client ? .client : .server, at: time).cause
  }

  private func search(_ ender: Side, at time: CaptureTime) -> CauseSearch {
    CauseSearch(
      known: known, ender: ender, time: time, close: opening,
      isReset: end == .rst && finish.firstFin == nil,
      inVain: inVain.flatMap { $0.side == ender ? $0.bytes : nil }, otherEnds: otherEnds, sameAge: sameAge)
  }

  /// Nobody ended it in the capture, but nobody answered any more, either.
  private var causeWithoutEnd: Cause? {
    let inVain = inVain?.side
    for side in Side.allCases where inVain == side || probes(of: side) != nil {
      if let cause = search(side, at: position.time).lostPeer { return cause }
    }
    return nil
  }

  private func probes(of side: Side) -> UnansweredProbes? {
    finish.transport?.unansweredProbes(of: side)
  }

  /// How old the session was when its end began, and how long nobody had sent a byte then, in nanoseconds, where a limit on its
  /// age may have ended it: a side ended it that had no other reason to, while it was in use.
  package var ageAtLimit: (age: Int64, idle: Int64)? {
    guard !record.wasRefused, record.recognition == nil, let time = beginOfEnd,
      case let age = time.nanoseconds(since: record.opened.time), age >= Self.shortestLimit,
      let closedBy, closedBy != .both, let idle, idle <= age / 4
    else { return nil }
    if let opening {
      guard closedBy == .server, let code = opening.code, code != 1002, code != 1007 else { return nil }
    }
    // A silence like others of the session has nothing to do with its end.
    return (age, record.pauses.survived(of: nil, before: time) >= idle ? 0 : idle)
  }

  /// The server ended it as one does that has no more to say: an age that repeats is the only sign of a limit.
  package var isNormalClosure: Bool { opening?.code == 1000 }

  /// Limits on the age of a session are longer, in nanoseconds.
  private static let shortestLimit: Int64 = 20_000_000_000

  /// How long nobody had sent a byte when the end began, in nanoseconds; nil when it did not begin.
  public var idle: Int64? {
    guard !record.wasRefused, let time = beginOfEnd else { return nil }
    return CauseSearch(
      known: known, ender: .client, time: time, close: nil, isReset: false, inVain: nil, otherEnds: 0,
      sameAge: nil
    ).silenceOfBoth.map { max(0, $0) }
  }

  /// The side that had stopped reading, unless that is the cause already.
  private var slowReader: (side: Side, reader: SlowReader)? {
    for side in Side.allCases {
      if let reader = SlowReader(finish, side) { return isAboutSlowReader ? nil : (side, reader) }
    }
    return nil
  }

  /// The same for a sentence.
  public var stoppedReader: Side? { slowReader?.side }

  private var isAboutSlowReader: Bool { if case .stoppedReading? = cause { true } else { false } }

  /// The side that had stopped acknowledging what its peer sent again and again, unless that is the cause already.
  public var silentReceiver: Side? { inVain.flatMap { isVanished ? nil : $0.side.peer } }

  /// The upgrade request is in the capture, its response is not, and frames followed all the same.
  public var lacksResponse: Bool { record.outcome == .incomplete && !record.wasRefused }

  /// A side that sent the same bytes again and again, and was never answered.
  private var inVain: (side: Side, bytes: UnconfirmedBytes)? {
    guard let transport = finish.transport else { return nil }
    for side in Side.allCases {
      if let left = transport.unconfirmed(of: side), left.repetitions >= Self.manyRepetitions,
        SlowReader(finish, side.peer) == nil
      {
        return (side, left)
      }
    }
    return nil
  }

  /// Two may be bad luck.
  private static let manyRepetitions = 3

  private var isVanished: Bool {
    switch cause {
    case .vanished: true
    case .forgotten(_, _, _, _, let inVain): inVain != nil
    default: false
    }
  }

  // MARK: How

  /// How it ended, in full.
  public var ending: VerdictEnding {
    if record.wasRefused { return endingOfRefused }
    switch (how, first) {
    case (.closeHandshake, let first?) where closedBy == .both:
      let (client, server) = (record.clientClose ?? first.close, record.serverClose ?? first.close)
      return .crossingCloses(client: SentClose(.client, client), server: SentClose(.server, server))
    case (.closeHandshake, let first?):
      return .closeHandshake(Self.sent(first), objection: objection(to: first))
    case (.closeUnanswered, let first?):
      let counts = (first.side == .client ? finish.server : finish.client).counts
      return .closeUnanswered(
        Self.sent(first), isReset: end == .rst, by: tcpSide,
        lacking: counts.lostBytes &+ counts.unexplainedBytes, outOfStep: outOfStep(before: first))
    default: return endingWithoutHandshake
    }
  }

  private static func sent(_ close: (side: Side, close: CloseFrame)) -> SentClose {
    SentClose(close.side, close.close)
  }

  /// There never were frames.
  private var endingOfRefused: VerdictEnding {
    if let response = record.handshake?.response {
      return response.status == 101
        ? .cutResponse(status: response.status)
        : .rejected(status: response.status, reason: shownReason ?? response.reason)
    }
    guard end == .fin || end == .rst, let tcpSide else { return .unanswered(nil) }
    let time = finish.firstFin?.position.time ?? position.time
    return .unanswered(
      VerdictEnding.TCPEnd(
        isReset: end == .rst, side: tcpSide, after: time.nanoseconds(since: record.opened.time)))
  }

  private var endingWithoutHandshake: VerdictEnding {
    // Many clients send a Close when they read the end of the stream; nobody can answer it.
    let late = firstFin == nil ? nil : first.map { Self.sent($0) }
    switch end {
    case .fin: return .fin(by: tcpSide, late: late)
    case .rst:
      return .reset(
        by: tcpSide, fin: tcpSide == nil ? nil : finish.firstFin?.side, late: late,
        isOnTheWay: finish.isResetOnTheWay)
    case .gaveUp: return .evicted
    case .captureEnd, .replaced:
      let isReplaced = end == .replaced
      if firstFin == nil, let first { return .open(.closing(Self.sent(first)), isReplaced: isReplaced) }
      guard let fin = finish.firstFin else { return .open(.untouched, isReplaced: isReplaced) }
      return .open(.halfClosed(by: fin.side, late: late), isReplaced: isReplaced)
    }
  }

  /// Where the stream of a Close last got out of step before it.
  private func outOfStep(before first: (side: Side, close: CloseFrame)) -> UInt64? {
    record.violations(of: first.side).filter {
      $0.rule == ViolationSearch.outOfStep && $0.packet <= first.close.position.packet
    }.map(\.packet).max()
  }

  /// A Close that is answered with an error is one that broke a rule.
  private func objection(to first: (side: Side, close: CloseFrame)) -> VerdictEnding.Objection? {
    guard let answer = record.close(of: first.side.peer), let code = answer.code, code != first.close.code,
      !first.close.isCodeLost,
      code == 1002 || code == 1007
    else { return nil }
    let broken = record.violations(of: first.side).filter { $0.packet <= answer.position.packet }
      .max { $0.packet < $1.packet }
    return VerdictEnding.Objection(code: code, rule: broken?.rule.name, packet: broken?.packet ?? 0)
  }

  // MARK: From what it is known

  /// What the verdict rests on, in the order of a story.
  public var evidence: [Evidence] {
    var found: [Evidence] = []
    if let recognition = record.recognition {
      found.append(
        .recognised(
          packet: recognition.position.packet, lacking: record.handshake == nil ? .handshake : .response,
          by: recognition.reason))
    }
    if let response = record.handshake?.response, record.outcome == .rejected {
      found.append(.status(response.status, packet: response.end.packet))
    }
    let finIsFirst = firstFin != nil && (end == .rst || first != nil)
    if let firstFin, finIsFirst {
      if let last = lastBytesBefore { found.append(last) }
      found.append(.fin(from: firstFin.side, packet: firstFin.position.packet))
    }
    found += closes
    if let bytesAfterFin { found.append(bytesAfterFin) }
    for side in Side.allCases {
      let open = record.openPings(of: side)
      if let last = open.last { found.append(.openPings(open.count, of: side, lastPacket: last.packet)) }
    }
    if let slowReader {
      found.append(
        .closedWindow(of: slowReader.side, for: slowReader.reader.time, packet: slowReader.reader.packet))
    }
    if let inVain, !isVanished { found.append(.unacknowledged(inVain.bytes, of: inVain.side)) }
    if first == nil, !finIsFirst, let last = lastBytesBefore { found.append(last) }
    return found + endOfTCP(finIsFirst: finIsFirst)
  }

  private var closes: [Evidence] {
    let closes = [(Side.client, record.clientClose), (.server, record.serverClose)]
      .compactMap { side, close in close.map { (side: side, close: $0) } }
      .sorted { $0.close.position.packet < $1.close.position.packet }
    var found = closes.map { side, close in
      Evidence.close(SentClose(side, close), reason: close.shownReason, packet: close.position.packet)
    }
    // One that answers another may only repeat its code.
    if let (side, close) = closes.first,
      let objection = Objection(
        close, from: side, of: side == .client ? finish.server : finish.client, record)
    {
      found.append(.objection(objection))
    }
    if closes.count == 2, closedBy == .both {
      found.append(
        .crossing(
          packet: closes[0].close.position.packet, laterPacket: closes[1].close.position.packet))
    }
    return found
  }

  private func endOfTCP(finIsFirst: Bool) -> [Evidence] {
    let fin = finIsFirst ? nil : finish.firstFin
    switch end {
    case .fin:
      if let firstFin, finIsFirst { return [.fin(from: firstFin.side.peer, packet: position.packet)] }
      return [
        .bothFins(
          first: tcpSide, firstPacket: finish.firstFin?.position.packet, secondPacket: position.packet)
      ]
    case .rst:
      let before = fin.map { [Evidence.fin(from: $0.side, packet: $0.position.packet)] } ?? []
      return before + [.reset(from: finish.isResetOnTheWay ? nil : tcpSide, packet: position.packet)]
    case .replaced: return [.newConnection(packet: position.packet)]
    case .captureEnd:
      let before = fin.map { [Evidence.oneFin(from: $0.side, packet: $0.position.packet)] } ?? []
      return before + [.captureEnded(lastPacket: position.time)]
    case .gaveUp: return [.evicted(lastPacket: position.time)]
    }
  }

  /// After what the first FIN or RST came.
  private var lastBytesBefore: Evidence? {
    guard end == .fin || end == .rst, let time = beginOfEnd, let idle, !record.wasRefused else { return nil }
    // Of a side that went on sending only the time of the packet before is known.
    let last = [(Side.client, finish.client.lastBytes), (.server, finish.server.lastBytes)]
      .compactMap { side, place in place.map { (side, $0) } }
      .filter { time.nanoseconds(since: $0.1.time) == idle }.max { $0.1.packet < $1.1.packet }
    return last.map { .lastBytes(from: $0.0, packet: $0.1.packet, before: idle) }
  }

  /// What the other side sent into a direction that nobody may have read any more.
  private var bytesAfterFin: Evidence? {
    guard let firstFin else { return nil }
    let side = firstFin.side.peer
    let last = side == .client ? finish.client.lastBytes : finish.server.lastBytes
    guard let last, last.packet > firstFin.position.packet,
      record.close(of: side).map({ $0.position.packet < last.packet }) ?? true
    else { return nil }
    return .bytesAfterFin(from: side, packet: last.packet)
  }
}
