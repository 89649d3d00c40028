import WireBytes

/// A message that only one leg has, or that is another one on the other leg.
public struct LegDifference: Sendable {
  /// Who sent it.
  public let side: Side
  /// As the client's leg has it; nil when only the server's leg does.
  public let front: MessageFingerprint?
  /// As the server's leg has it; nil when only the client's leg does.
  public let back: MessageFingerprint?
}
