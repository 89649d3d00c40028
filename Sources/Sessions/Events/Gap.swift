import WireBytes

/// `bytes` of the stream are not in the capture.
public struct Gap: Sendable {
  /// Who sent them.
  public var side: Side
  /// Where they would have been.
  public var position: StreamPosition
  /// How many.
  public var bytes: UInt64
}
