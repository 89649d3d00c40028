import WireBytes

/// One frame as it was on the wire, for `--frames`.
public struct Frame: Sendable {
  /// Who sent it.
  public var side: Side
  /// The header's fields.
  public var header: FrameHeader
  /// The first byte of the header.
  public var first: StreamPosition
  /// The last byte of it that was captured.
  public var last: StreamPosition
  /// Payload bytes that are not in the capture.
  public var missingBytes: UInt64
}
