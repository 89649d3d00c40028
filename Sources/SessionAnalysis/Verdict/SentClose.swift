import WireBytes

/// A Close frame, as far as a verdict needs it.
public struct SentClose: Sendable, Hashable {
  /// Who sent it.
  public let side: Side
  /// Its status code; nil when it has none.
  public let code: UInt16?
  /// It has a code, and that is not in the capture.
  public var isCodeMissing = false
}
