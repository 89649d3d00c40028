internal import WireBytes

/// A broken rule, or something worth knowing.
public struct WebSocketAnomaly: Sendable, Hashable {
  /// How much it matters.
  public enum Severity: String, Sendable, Hashable {
    /// A MUST of a specification is broken.
    case violation
    /// Legal, or uncertain, but likely to cause trouble.
    case warning
    /// Worth knowing.
    case note
  }

  /// The session's number.
  public let session: UInt64
  /// The side that broke the rule; nil when it concerns both, or neither.
  public let from: WebSocketSide?
  /// When the packet of the first byte concerned was captured.
  public let time: PacketTime
  /// The packet of the first byte concerned.
  public let packet: UInt64
  /// The offset of that byte in the TCP stream of its sender.
  public let streamOffset: UInt64
  /// How much it matters.
  public let severity: Severity
  /// The rule's name: `unmasked_client_frame`
  public let rule: String
  /// The section that states the rule: `RFC 6455 §5.1`; nil when no document does.
  public let reference: String?
  /// What was found, in one sentence that is the same for every report of this rule.
  public let meaning: String
  /// What was seen here, in words, with the values as they were sent.
  public let detail: String
}

extension WebSocketAnomaly {
  init(_ anomaly: Anomaly, in session: UInt64) {
    let (rule, position) = (anomaly.rule, anomaly.position)
    (self.session, from) = (session, anomaly.side.map { WebSocketSide($0) })
    (time, packet) = (PacketTime(position.time), position.packet)
    streamOffset = position.offset
    (severity, self.rule) = (Severity(rule.severity), rule.name)
    reference = rule.reference.isEmpty ? nil : rule.reference
    (meaning, detail) = (rule.meaning, anomaly.detail)
  }
}

extension WebSocketAnomaly.Severity {
  init(_ severity: Severity) {
    switch severity {
    case .violation: self = .violation
    case .warning: self = .warning
    case .note: self = .note
    }
  }
}
