import SessionAnalysis
import WireBytes

extension VerdictEnding {
  /// How a session ended, without the cause: `closed by the client with 1000 (normal closure)`.
  package var sentence: String {
    switch self {
    case .rejected(let status, let reason):
      "upgrade rejected with \(status)" + (reason.isEmpty ? "" : " \(reason)")
    case .cutResponse(let status):
      "only the start of the response to the upgrade request was captured (status \(status))"
    case .unanswered(let end):
      "no response to the upgrade request was captured" + (end.map { "; \($0.clause)" } ?? "")
    case .closeHandshake(let close, let objection):
      close.sentence + (objection.map { ", \($0.phrase)" } ?? "")
    case .crossingCloses(let client, let server):
      client.code == server.code && client.isCodeLost == server.isCodeLost
        ? "closed by both sides at once, \(CloseCodePhrasing.phrase(client))"
        : "closed by both sides at once, by the client \(CloseCodePhrasing.phrase(client)), "
          + "by the server \(CloseCodePhrasing.phrase(server))"
    case .closeUnanswered(let close, let isReset, let side, let lacking, let outOfStep):
      close.sentence + "; " + Self.unanswered(by: close.side.peer, lacking: lacking, outOfStep: outOfStep)
        + " before " + (isReset ? "the connection was reset" : "TCP was closed") + Self.by(side)
    case .fin(let side, let late): "TCP closed\(Self.by(side)) \(Self.withoutClose)\(Self.then(late))"
    case .reset(let side?, let fin?, let late, _):
      "TCP closed by the \(fin.name) \(Self.withoutClose), then reset by the \(side.name)\(Self.then(late))"
    case .reset(let side?, _, let late, isOnTheWay: true):
      "TCP reset, most likely by the host that translates addresses and not by the \(side.name), \(Self.withoutClose)"
        + Self.then(late)
    case .reset(let side, _, let late, _):
      "TCP reset\(Self.by(side)) \(Self.withoutClose)\(Self.then(late))"
    case .open(let open, let isReplaced): open.sentence(isReplaced: isReplaced)
    case .evicted: "evicted: no packet for too long, or too many connections"
    }
  }

  private static let withoutClose = "without a Close frame (a browser reports 1006)"

  private static func by(_ side: Side?) -> String { side.map { " by the \($0.name)" } ?? "" }

  /// Why no answer to a Close is in the capture, as far as that is known.
  private static func unanswered(by side: Side, lacking: UInt64, outOfStep: UInt64?) -> String {
    if let outOfStep {
      return "no answer from the \(side.name), which may have taken the Close for payload "
        + "(out_of_step by the \(side.peer.name) in packet \(outOfStep)),"
    }
    guard lacking > 0 else { return "the \(side.name) never answered" }
    return "no answer in what was captured of the \(side.name) "
      + "(\(Counted.text(lacking, "byte")) not captured or not read)"
  }

  /// A Close that nobody could answer any more.
  fileprivate static func then(_ late: SentClose?) -> String {
    late.map { ", then a Close \(CloseCodePhrasing.phrase($0)) from the \($0.side.name)" } ?? ""
  }
}

extension SentClose {
  /// `closed by the client with 1000 (normal closure)`
  fileprivate var sentence: String { "closed by the \(side.name) \(CloseCodePhrasing.phrase(self))" }
}

extension VerdictEnding.TCPEnd {
  fileprivate var clause: String {
    "\(isReset ? "reset" : "TCP closed") by the \(side.name) \(DurationText.precise(after)) after the request"
  }
}

extension VerdictEnding.Objection {
  /// `answered with 1002 (protocol error) after unmasked_client_frame in packet 10`
  fileprivate var phrase: String {
    "answered \(CloseCodePhrasing.phrase(code))" + (rule.map { " after \($0) in packet \(packet)" } ?? "")
  }
}

extension VerdictEnding.Open {
  fileprivate func sentence(isReplaced: Bool) -> String {
    let end = "its end was not captured: a new connection took its place"
    return switch self {
    case .untouched: isReplaced ? end : "still open when the capture ended"
    case .closing(let close):
      isReplaced
        ? "\(close.sentence), not answered; \(end)" : "\(close.sentence), not answered when the capture ended"
    case .halfClosed(let side, let late):
      "half-closed by the \(side.name) without a Close frame\(VerdictEnding.then(late)); "
        + (isReplaced ? end : "the \(side.peer.name)'s side was still open when the capture ended")
    }
  }
}
