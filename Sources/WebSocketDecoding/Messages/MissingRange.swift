/// A part of a payload that is not in the capture; its bytes are shown as zeros.
public struct MissingRange: Sendable, Hashable {
  /// Its offset in the payload, in bytes.
  public var offset: UInt64
  /// Its length in bytes.
  public var bytes: UInt64
}
