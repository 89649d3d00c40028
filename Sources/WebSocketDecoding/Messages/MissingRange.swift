/// A part of a payload that the capture does not hold; its bytes read as zero in what is shown.
public struct MissingRange: Sendable, Hashable {
  /// Where in the payload it starts.
  public var offset: UInt64
  /// How long it is.
  public var bytes: UInt64
}
