import HTTP1
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// How a session ended and why, from what was observed.
///
/// The words are made when a report asks for them.
public struct Verdict: Sendable {
  /// How.
  public let how: SessionEnd
  /// Who began the end; nil when nobody did, or it is not known.
  public let closedBy: SessionClose.ClosedBy?
  /// The status code of the first Close frame.
  public let code: UInt16?

  /// Other sessions that the same server ended shortly before this one.
  var otherEnds = 0

  private let known: SessionEvidence

  private var record: SessionRecord.Ending {
    @inline(__always) _read { yield known.ending }
  }
  private var finish: SessionFinish {
    @inline(__always) _read { yield known.finish }
  }
  private var end: ConnectionEnd { known.finish.end }
  private var tcpSide: Side? { known.finish.tcpSide }
  private var position: StreamPosition { known.finish.position }

  /// The Close frame that came first.
  private var first: (side: Side, close: SessionRecord.CloseFrame)? { Self.firstClose(known.ending) }
  /// The FIN that began the end: before any Close frame, and its sender sent none.
  private var firstFin: FirstFin? { Self.firstFin(known.ending, known.finish, before: first?.close) }

  init(_ known: SessionEvidence) {
    self.known = known
    let first = Self.firstClose(known.ending)
    code = first?.close.code
    let end = known.finish.end
    let firstFin = Self.firstFin(known.ending, known.finish, before: first?.close)
    let wasRefused = known.ending.wasRefused
    if let first, firstFin == nil, !wasRefused,
      known.ending.didClose(first.side.peer) || end == .fin || end == .rst
    {
      how = known.ending.didClose(first.side.peer) ? .closeHandshake : .closeUnanswered
      closedBy = known.ending.closesCrossed ? .both : first.side == .client ? .client : .server
    } else {
      // A RST may follow a FIN: then that began the end.
      let tcpSide = known.finish.tcpSide
      let (how, side) = Self.tcpEnd(end, end == .rst ? known.finish.firstFin?.side ?? tcpSide : tcpSide)
      // What began may not have come to its end in the capture.
      let ender = wasRefused ? side : side ?? firstFin?.side ?? first?.side
      self.how = how
      closedBy = ender.map { $0 == .client ? .client : .server }
    }
  }

  private static func firstFin(
    _ record: SessionRecord.Ending, _ finish: SessionFinish, before close: SessionRecord.CloseFrame?
  ) -> FirstFin? {
    guard let fin = finish.firstFin, !record.didClose(fin.side),
      close.map({ fin.position.packet < $0.position.packet }) ?? true
    else { return nil }
    return fin
  }

  /// When the end began: with the first Close frame, FIN or RST; nil when there is none.
  var beginOfEnd: CaptureTime? {
    if let firstFin { return firstFin.position.time }
    if let first { return first.close.position.time }
    switch end {
    case .fin, .rst: return (finish.firstFin?.position ?? finish.position).time
    case .replaced, .captureEnd, .gaveUp: return nil
    }
  }

  /// The client closed as one does that has no more to say.
  var isWantedByClient: Bool {
    guard firstFin == nil, let first, first.side == .client || closedBy == .both else { return false }
    let code = record.clientClose?.code
    return code == nil || code == 1000 || code == 1001
  }

  /// The server ended it, and said nothing that speaks against a restart.
  var mayBeRestart: Bool { closedBy == .server && (opening == nil || CauseSearch.isRestart(opening)) }

  /// The Close frame that began the end.
  private var opening: SessionRecord.CloseFrame? { firstFin == nil ? first?.close : nil }

  /// What led to it, as far as that can be seen.
  public var cause: Cause? {
    guard !record.wasRefused, let time = beginOfEnd, let closedBy, closedBy != .both else { return nil }
    let ender: Side = closedBy == .client ? .client : .server
    return CauseSearch(
      ending: record, client: finish.client, server: finish.server, ender: ender, time: time,
      close: opening, isReset: end == .rst && finish.firstFin == nil,
      openAtFin: finish.firstFin.flatMap { $0.side == ender ? $0.openPings : nil },
      inVain: inVain.flatMap { $0.side == ender ? $0.bytes : nil }, otherEnds: otherEnds
    ).cause
  }

  /// How long nobody had sent a byte when the end began, in nanoseconds; nil when it did not begin.
  public var idle: Int64? {
    guard !record.wasRefused, let time = beginOfEnd else { return nil }
    return CauseSearch(
      ending: record, client: finish.client, server: finish.server, ender: .client, time: time,
      close: opening, isReset: false, openAtFin: nil, inVain: nil, otherEnds: 0
    ).silenceOfBoth.map { max(0, $0) }
  }

  /// A side that sent the same bytes again and again, and was never answered.
  private var inVain: (side: Side, bytes: UnconfirmedBytes)? {
    guard let transport = finish.transport else { return nil }
    for side in Side.allCases {
      if let left = transport.summary(of: side).ending?.unconfirmed, left.repetitions >= Self.manyRepetitions
      {
        return (side, left)
      }
    }
    return nil
  }

  /// Two may be bad luck.
  private static let manyRepetitions = 3

  private var isVanished: Bool { if case .vanished? = cause { true } else { false } }
  private var isReplaced: Bool { if case .replaced = end { true } else { false } }

  /// One sentence.
  public var sentence: String {
    var sentence = ([ending] + (cause.map { [$0.words] } ?? [])).joined(separator: ", ")
    if let inVain, !isVanished { sentence += "; the \(inVain.side.peer.name) had stopped acknowledging" }
    guard record.outcome == .incomplete, !record.wasRefused else { return sentence }
    return sentence + "; the answer to the upgrade request is not in the capture, its frames imply it"
  }

  /// How it ended, without the cause.
  public var ending: String {
    if record.wasRefused { return handshakeSentence }
    switch (how, first) {
    case (.closeHandshake, _?) where closedBy == .both:
      return "closed by both sides at once, close handshake " + crossedWords
    case (.closeHandshake, let first?):
      return "closed by \(first.side.name), close handshake \(Self.words(first.close))"
        + otherAnswer(to: first)
    case (.closeUnanswered, let first?):
      let by = tcpSide.map { " by the \($0.name)" } ?? ""
      let ended = (end == .rst ? "the connection was reset" : "TCP was closed") + by
      return "closed by \(first.side.name) \(Self.phrase(first.close)), never answered by the "
        + "\(first.side.peer.name) before \(ended)"
    default:
      return withoutClose + closeAfterFin
    }
  }

  private var withoutClose: String {
    if end == .rst, let fin = finish.firstFin, let tcpSide {
      return "TCP closed by \(fin.side.name) without a Close frame (a browser reports 1006), then reset by "
        + (fin.side == tcpSide ? "it" : tcpSide.name)
    }
    return Self.sentence(
      how, tcpSide, isReplaced: isReplaced, closeBefore: firstFin == nil ? first : nil, fin: finish.firstFin)
  }

  /// Many clients send a Close when they read the end of the stream; nobody can answer it.
  private var closeAfterFin: String {
    guard firstFin != nil, let first else { return "" }
    let close = first.close.code == nil ? "a Close without a status code" : Self.words(first.close)
    return ", then \(close) by the \(first.side.name)"
  }

  /// `1000 (normal closure)` of both, or what each said.
  private var crossedWords: String {
    guard let client = record.clientClose, let server = record.serverClose else { return "" }
    if client.code == server.code { return Self.words(client) }
    return "\(Self.words(client)) by the client, \(Self.words(server)) by the server"
  }

  /// A Close that is answered with an error is one that broke a rule.
  private func otherAnswer(to first: (side: Side, close: SessionRecord.CloseFrame)) -> String {
    guard let answer = record.close(of: first.side.peer), let code = answer.code, code != first.close.code,
      code == 1002 || code == 1007
    else { return "" }
    let broken = record.violations(of: first.side).last { $0.packet <= answer.position.packet }
    let why = broken.map { " after \($0.rule.name) in packet \($0.packet)" } ?? ""
    return ", answered with \(Self.words(answer))\(why)"
  }

  private static func tcpEnd(_ end: ConnectionEnd, _ side: Side?) -> (SessionEnd, Side?) {
    switch end {
    case .fin: (.fin, side)
    case .rst: (.rst, side)
    case .captureEnd, .replaced: (.captureEnd, nil)
    case .gaveUp: (.gaveUp, nil)
    }
  }

  private static func sentence(
    _ how: SessionEnd, _ side: Side?, isReplaced: Bool,
    closeBefore: (side: Side, close: SessionRecord.CloseFrame)?, fin: FirstFin?
  ) -> String {
    let by = side.map { " by \($0.name)" } ?? ""
    switch how {
    case .fin: return "TCP closed\(by) without a Close frame (a browser reports 1006)"
    case .rst: return "TCP reset\(by) without a Close frame (a browser reports 1006)"
    case .gaveUp: return "let go: no packet for too long, or too many connections"
    case .captureEnd, .closeHandshake, .closeUnanswered:
      let last =
        isReplaced ? "its end is not in the capture: a new connection took its place" : "the capture ended"
      guard let closeBefore else {
        if let fin, !isReplaced {
          return
            "half-closed by \(fin.side.name) without a Close frame, the \(fin.side.peer.name) still open when \(last)"
        }
        return isReplaced ? last : "still open when \(last)"
      }
      return "closed by \(closeBefore.side.name) \(phrase(closeBefore.close)), "
        + (isReplaced ? "not answered; \(last)" : "not answered when \(last)")
    }
  }

  private var handshakeSentence: String {
    guard let response = record.handshake?.response else {
      let sentence = "no answer to the upgrade request is in the capture"
      guard end == .fin || end == .rst, let tcpSide else { return sentence }
      let time = finish.firstFin?.position.time ?? position.time
      return sentence + (end == .rst ? "; reset" : "; TCP closed") + " by the \(tcpSide.name) "
        + Cause.precise(time.nanoseconds(since: record.opened.time)) + " after it"
    }
    let reason = response.reason.isEmpty ? "" : " \(response.reason)"
    return "upgrade rejected with \(response.status)\(reason)"
  }

  /// The side whose Close frame came first in the capture.
  private static func firstClose(_ record: SessionRecord.Ending) -> (
    side: Side, close: SessionRecord.CloseFrame
  )? {
    switch (record.clientClose, record.serverClose) {
    case (let client?, let server?):
      let clientFirst =
        (client.position.packet, client.position.time) <= (server.position.packet, server.position.time)
      return clientFirst ? (.client, client) : (.server, server)
    case (let client?, nil): return (.client, client)
    case (nil, let server?): return (.server, server)
    case (nil, nil): return nil
    }
  }

  /// `1000 (normal closure)`, `no status code`
  private static func words(_ close: SessionRecord.CloseFrame) -> String {
    guard let code = close.code else { return "without a status code" }
    guard let name = CloseCode.name(code) else { return "\(code)" }
    let spaced = name.utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: " ") : $0 }
    return "\(code) (\(String(decoding: spaced, as: UTF8.self)))"
  }

  /// `with 1000 (normal closure)`, `without a status code`
  private static func phrase(_ close: SessionRecord.CloseFrame) -> String {
    (close.code == nil ? "" : "with ") + words(close)
  }

  /// What the sentence rests on.
  public var evidence: [String] {
    var lines: [String] = []
    if let recognition = record.recognition {
      let lacking = record.handshake == nil ? "handshake" : "answer to the upgrade request"
      lines.append(
        "packet \(recognition.position.packet): no \(lacking) captured; inferred from \(recognition.reason)")
    }
    if let response = record.handshake?.response, record.outcome == .rejected {
      lines.append("packet \(response.end.packet): HTTP status \(response.status)")
    }
    let finIsFirst = firstFin != nil && (end == .rst || first != nil)
    if let firstFin, finIsFirst {
      if let line = lastBytesBefore { lines.append(line) }
      lines.append("packet \(firstFin.position.packet): FIN from \(firstFin.side.name)")
    }
    lines += closeLines
    if let line = bytesAfterFin { lines.append(line) }
    for side in Side.allCases {
      let (count, _, last) = record.openPings(of: side)
      if let last {
        let pings = count == 1 ? "1 ping" : "\(count) pings"
        lines.append("\(pings) of the \(side.name) unanswered, the last in packet \(last.packet)")
      }
    }
    if let inVain, !isVanished {
      lines.append(
        "\(inVain.bytes.bytes) bytes of the \(inVain.side.name) never acknowledged, sent again "
          + "\(inVain.bytes.repetitions) times within \(Cause.seconds(inVain.bytes.time))")
    }
    if first == nil, !finIsFirst, let line = lastBytesBefore { lines.append(line) }
    return lines + endLines(finIsFirst: finIsFirst)
  }

  private var closeLines: [String] {
    let closes = [(Side.client, record.clientClose), (.server, record.serverClose)]
      .compactMap { side, close in close.map { (side, $0) } }
      .sorted { $0.1.position.packet < $1.1.position.packet }
    var lines = closes.map { side, close in
      let reason = close.reason.isEmpty ? "" : " \"\(close.reason)\""
      return "packet \(close.position.packet): Close \(Self.words(close))\(reason) from \(side.name)"
    }
    if closes.count == 2, closedBy == .both {
      lines.append(
        "the Close in packet \(closes[1].1.position.packet) does not acknowledge the one in packet "
          + "\(closes[0].1.position.packet): they crossed (inferred)")
    }
    return lines
  }

  /// How TCP ended.
  private func endLines(finIsFirst: Bool) -> [String] {
    let by = tcpSide.map { " from \($0.name)" } ?? ""
    switch end {
    case .fin:
      if let firstFin, finIsFirst {
        return ["packet \(position.packet): FIN from \(firstFin.side.peer.name)"]
      }
      return ["FIN on both sides, the first\(by); the second in packet \(position.packet)"]
    case .rst:
      let fin = finIsFirst ? nil : finish.firstFin
      return (fin.map { ["packet \($0.position.packet): FIN from \($0.side.name)"] } ?? [])
        + ["packet \(position.packet): RST\(by)"]
    case .replaced: return ["packet \(position.packet): a SYN between the same ends"]
    case .captureEnd:
      let fin = finIsFirst ? nil : finish.firstFin
      let line = fin.map {
        "packet \($0.position.packet): FIN from \($0.side.name), none from \($0.side.peer.name)"
      }
      return (line.map { [$0] } ?? []) + [
        "the capture ends; last packet of the connection at \(position.time)"
      ]
    case .gaveUp: return ["last packet of the connection at \(position.time)"]
    }
  }

  /// After what the first FIN or RST came.
  private var lastBytesBefore: String? {
    guard end == .fin || end == .rst, let time = beginOfEnd, let idle, !record.wasRefused else { return nil }
    // Of a side that went on sending only the time of the packet before is known.
    let last = [(Side.client, finish.client.lastBytes), (.server, finish.server.lastBytes)]
      .compactMap { side, place in place.map { (side, $0) } }
      .filter { time.nanoseconds(since: $0.1.time) == idle }.max { $0.1.packet < $1.1.packet }
    guard let (side, place) = last else { return nil }
    return "packet \(place.packet): the last bytes, from \(side.name), \(Cause.precise(idle)) before that"
  }

  /// What the other side sent into a direction that nobody may have read any more.
  private var bytesAfterFin: String? {
    guard let firstFin else { return nil }
    let side = firstFin.side.peer
    let last = side == .client ? finish.client.lastBytes : finish.server.lastBytes
    guard let last, last.packet > firstFin.position.packet,
      record.close(of: side).map({ $0.position.packet < last.packet }) ?? true
    else { return nil }
    return "packet \(last.packet): bytes from \(side.name) after that"
  }
}
