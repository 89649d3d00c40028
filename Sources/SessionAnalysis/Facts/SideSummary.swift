import TCPReassembly
import WebSocketDecoding
import WireBytes

/// What one side of a session came to.
struct SideSummary {
  var counts = SideCounts()
  var compression = CompressionCounts()
  /// Where its last bytes after the upgrade were captured.
  var lastBytes: StreamPosition?
  /// When its bytes before those were captured.
  var timeBeforeLast: CaptureTime?
  /// Its last message that did not come as one frame in one segment.
  var lastInPieces: Message?

  /// All that it sent is in the capture, and read.
  var isWhole: Bool { counts.lostBytes == 0 && counts.unexplainedBytes == 0 }
}
