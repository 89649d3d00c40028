internal import WebSocketDecoding

/// What one side of a session sent after the upgrade.
///
/// Every byte is counted in exactly one of `wireBytes`, `lostBytes` and `unexplainedBytes`.
public struct SideTotals: Sendable, Hashable {
  /// Text and binary messages, incomplete ones included.
  public let messages: UInt64
  /// Frames of any kind.
  public let frames: UInt64
  /// Payload bytes of messages, after inflation.
  public let bytes: UInt64
  /// Captured bytes that belong to frames, headers included.
  public let wireBytes: UInt64
  /// Ping frames.
  public let pings: UInt64
  /// Pong frames.
  public let pongs: UInt64
  /// All bytes after the upgrade.
  public let streamBytes: UInt64
  /// Bytes of the stream that were not captured.
  public let lostBytes: UInt64
  /// Captured bytes that could not be assigned to a frame.
  public let unexplainedBytes: UInt64
}

extension SideTotals {
  init(_ counts: SideCounts) {
    (messages, frames) = (counts.messages, counts.frames)
    (bytes, wireBytes) = (counts.bytes, counts.wireBytes)
    (pings, pongs) = (counts.pings, counts.pongs)
    (streamBytes, lostBytes) = (counts.streamBytes, counts.lostBytes)
    unexplainedBytes = counts.unexplainedBytes
  }
}
