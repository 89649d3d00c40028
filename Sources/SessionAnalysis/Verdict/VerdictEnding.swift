import WireBytes

/// How a session ended, in the facts that a sentence about it is made of.
public enum VerdictEnding: Sendable, Hashable {
  /// The response to the upgrade request had another status than 101. The reason phrase is what the server wrote, any text.
  case rejected(status: Int, reason: String)
  /// Only the start of the response was captured.
  case cutResponse(status: Int)
  /// No response to the upgrade request was captured; how TCP ended, if it did.
  case unanswered(TCPEnd?)
  /// A closing handshake that one side began (RFC 6455 §7.1.2); `objection` when the other side answered with an error.
  case closeHandshake(SentClose, objection: Objection?)
  /// Both sides sent a Close before they had received the other's.
  case crossingCloses(client: SentClose, server: SentClose)
  /// A Close that the other side did not answer before TCP ended; `by`: who ended it, where that is known. `lacking`: bytes of the other
  /// side that were not captured, or not read: the answer may be among them. `outOfStep`: the packet in which the stream that the
  /// Close is part of got out of step: its receiver may not have found the Close in it.
  case closeUnanswered(SentClose, isReset: Bool, by: Side?, lacking: UInt64 = 0, outOfStep: UInt64? = nil)
  /// TCP was closed without a closing handshake. `late`: a Close that came after the FIN, so that nobody could answer it.
  case fin(by: Side?, late: SentClose?)
  /// The connection was reset without a closing handshake; `fin`: who had sent a FIN before. `isOnTheWay`: most likely by a host
  /// that translates addresses, in the name of the side.
  case reset(by: Side?, fin: Side?, late: SentClose?, isOnTheWay: Bool = false)
  /// The session's end was not captured.
  case open(Open, isReplaced: Bool)
  /// The analysis let the connection go: it was idle too long, or a limit was reached.
  case evicted

  /// How TCP ended before there was a response.
  public struct TCPEnd: Sendable, Hashable {
    /// By a RST rather than a FIN.
    public let isReset: Bool
    /// Who sent it.
    public let side: Side
    /// Nanoseconds since the request.
    public let after: Int64
  }

  /// An answer to a Close that says that its sender broke a rule.
  public struct Objection: Sendable, Hashable {
    /// 1002 or 1007.
    public let code: UInt16
    /// The name of the rule that was broken last before, and where.
    public let rule: String?
    /// The packet in which it was broken; 0 without a rule.
    public let packet: UInt64
  }

  /// What had begun of an end that was not captured.
  public enum Open: Sendable, Hashable {
    /// Nothing.
    case untouched
    /// A side had sent its FIN without a Close; `late`: a Close that came after it.
    case halfClosed(by: Side, late: SentClose?)
    /// A Close was sent and not answered yet.
    case closing(SentClose)
  }
}
