/// What an output, a filter or another taker of events reads. The analysis is built from it, so that nothing is kept,
/// decoded or put in words that nobody looks at.
public struct EventNeeds: Sendable, Equatable {
  /// Payload bytes of a message or frame that are shown; what is beyond is decoded, counted and checked all the same.
  /// 0 keeps none of a message that ends in another packet than it began.
  public var payloadBytes: Int
  /// Payload bytes of a control frame that are shown. The status code of a Close comes on top.
  public var controlBytes: Int
  /// Messages. If not, they are decoded and counted all the same.
  public var messages: Bool
  /// Every frame, too.
  public var frames: Bool
  /// What TCP did.
  public var transport: Transport
  /// What findings say in words, not only which rules they are about.
  public var details: Bool

  /// How much of what TCP did is of interest.
  public enum Transport: Int, Sendable, Comparable {
    /// Nothing.
    case none
    /// Of a session its round trips, losses and windows; of a message what delayed it, if anything did.
    case remarkable
    /// Of every message how it came, and every retransmission.
    case all

    /// The smaller one looks at less.
    public static func < (a: Transport, b: Transport) -> Bool { a.rawValue < b.rawValue }
  }

  /// Needs from their parts.
  public init(
    payloadBytes: Int, controlBytes: Int, messages: Bool = true, frames: Bool = false,
    transport: Transport = .none, details: Bool = true
  ) {
    (self.payloadBytes, self.controlBytes) = (max(0, payloadBytes), max(0, controlBytes))
    (self.messages, self.frames) = (messages, frames)
    (self.transport, self.details) = (transport, details)
  }

  /// Everything is decoded and counted, and nobody reads a message or a sentence.
  public static var totals: EventNeeds {
    EventNeeds(payloadBytes: 0, controlBytes: 0, messages: false, details: false)
  }

  /// What either needs: a stage in front of an output adds its own.
  public func union(_ other: EventNeeds) -> EventNeeds {
    EventNeeds(
      payloadBytes: max(payloadBytes, other.payloadBytes),
      controlBytes: max(controlBytes, other.controlBytes),
      messages: messages || other.messages, frames: frames || other.frames,
      transport: max(transport, other.transport),
      details: details || other.details)
  }
}
