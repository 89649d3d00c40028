/// Counts of what one side sent after the upgrade. Every byte is in exactly one of `wireBytes`, `lostBytes` and
/// `unexplainedBytes`.
public struct SideCounts: Sendable, Hashable {
  /// Text and binary messages, incomplete ones included.
  public var messages: UInt64 = 0
  /// Frames of any kind.
  public var frames: UInt64 = 0
  /// Payload bytes of messages, after inflation.
  public var bytes: UInt64 = 0
  /// Captured bytes that belong to frames, headers included.
  public var wireBytes: UInt64 = 0
  /// Ping frames.
  public var pings: UInt64 = 0
  /// Pong frames.
  public var pongs: UInt64 = 0
  /// Bytes of the stream that are not in the capture.
  public var lostBytes: UInt64 = 0
  /// Captured bytes that belong to no frame that was read.
  public var unexplainedBytes: UInt64 = 0

  /// Nothing sent.
  public init() {}

  /// All bytes after the upgrade.
  public var streamBytes: UInt64 { wireBytes &+ lostBytes &+ unexplainedBytes }
}
