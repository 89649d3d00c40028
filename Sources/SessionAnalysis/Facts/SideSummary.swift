import WebSocketDecoding
import WireBytes

/// What one side of a session came to.
package struct SideSummary {
  /// What it sent, and what of that is missing.
  package var counts: SideCounts
  /// What compression saved.
  package var compression: CompressionCounts
  /// Where its last bytes after the upgrade were captured.
  package var lastBytes: StreamPosition?
  /// When its bytes before those were captured.
  var timeBeforeLast: CaptureTime?
  /// Its last message that did not come as one frame in one segment.
  var lastInPieces: Message?
  /// Packets that brought bytes of that.
  var lastInPiecesPackets: Int
  /// What its last message was: text or binary, or the rest of one; nil before the first.
  var lastOpcode: Opcode?
  /// Payload bytes of its largest message, as they were sent.
  var largestMessage: UInt64
  /// The packet in which that begins; 0 without a message.
  var packetOfLargest: UInt64

  /// All that it sent is in the capture, and read.
  var isWhole: Bool { counts.lostBytes == 0 && counts.unexplainedBytes == 0 }

  /// A summary from its parts; by default of a side that sent nothing.
  package init(
    counts: SideCounts = SideCounts(), compression: CompressionCounts = CompressionCounts(),
    lastBytes: StreamPosition? = nil, timeBeforeLast: CaptureTime? = nil, lastInPieces: Message? = nil,
    lastInPiecesPackets: Int = 0, lastOpcode: Opcode? = nil, largestMessage: UInt64 = 0,
    packetOfLargest: UInt64 = 0
  ) {
    (self.counts, self.compression, self.lastBytes) = (counts, compression, lastBytes)
    (self.timeBeforeLast, self.lastInPieces) = (timeBeforeLast, lastInPieces)
    (self.lastInPiecesPackets, self.lastOpcode) = (lastInPiecesPackets, lastOpcode)
    (self.largestMessage, self.packetOfLargest) = (largestMessage, packetOfLargest)
  }
}
