internal import Output
internal import SessionAnalysis
internal import Sessions
internal import WebSocketDecoding
internal import WireBytes

/// A session ends.
public struct SessionClosed: Sendable {
  /// How a session ended.
  public enum How: String, Sendable, Hashable {
    /// Both sides sent a Close frame.
    case closeHandshake = "close_handshake"
    /// One side sent a Close frame, and the other never answered it.
    case closeUnanswered = "close_unanswered"
    /// A FIN without a Close frame: what a browser reports as 1006.
    case fin
    /// A RST without a closing handshake.
    case rst
    /// The capture ended first.
    case captureEnd = "capture_end"
    /// The analysis let the session go: it was idle too long, or a limit was reached.
    case gaveUp = "gave_up"
  }

  /// Who closed a session first.
  public enum ClosedBy: String, Sendable, Hashable {
    /// The client.
    case client
    /// The server.
    case server
    /// Both sides at the same time: neither had received the other's Close, FIN or RST when it sent its own.
    case both
    /// A proxy between the two, of a session whose both legs are in the capture.
    case proxy
  }

  /// The session's number.
  public let session: UInt64
  /// When the packet that ended it was captured.
  public let time: PacketTime
  /// The packet that ended it.
  public let packet: UInt64
  /// From `SessionOpened.time` to `time`.
  public let duration: Duration
  /// How it ended.
  public let how: How
  /// Who closed it first; nil when nobody did (the capture ended first, or the session was let go), or when it is not
  /// known.
  public let closedBy: ClosedBy?
  /// The status code of the first Close frame; nil when it has none, or there is no Close frame.
  public let code: UInt16?
  /// How it ended, in one sentence.
  public let verdict: String
  /// The evidence for that sentence, one line each.
  public let evidence: [String]
  /// What the client sent after the upgrade.
  public let client: SideTotals
  /// What the server sent after the upgrade.
  public let server: SideTotals
  /// The rules that were broken more often than anomalies were reported.
  public let anomaliesNotListed: [AnomalyTotal]
}

extension SessionClosed {
  init(_ event: SessionClose) {
    session = event.session.number
    (time, packet) = (PacketTime(event.position.time), event.position.packet)
    duration = .nanoseconds(event.duration)
    (how, code) = (How(event.verdict.how), event.verdict.code)
    closedBy = event.closedBy.map { ClosedBy($0) }
    (verdict, evidence) = (event.sentence, event.evidenceLines)
    (client, server) = (SideTotals(event.client), SideTotals(event.server))
    anomaliesNotListed = event.suppressed.map { rule, side, count in
      AnomalyTotal(rule: rule.name, from: WebSocketSide(side), count: count)
    }
  }
}

extension SessionClosed.How {
  init(_ end: SessionEnd) {
    switch end {
    case .closeHandshake: self = .closeHandshake
    case .closeUnanswered: self = .closeUnanswered
    case .fin: self = .fin
    case .rst: self = .rst
    case .captureEnd: self = .captureEnd
    case .gaveUp: self = .gaveUp
    }
  }
}

extension SessionClosed.ClosedBy {
  init(_ side: ClosingSide) {
    switch side {
    case .client: self = .client
    case .server: self = .server
    case .both: self = .both
    case .proxy: self = .proxy
    }
  }
}
