import WireBytes

/// The start of a message's body, without the framing of chunks, and how long the body is.
public struct KeptBody: Sendable {
  /// Its first bytes, as they were sent: perhaps compressed.
  public private(set) var bytes: [UInt8] = []
  /// Bytes of all of it that were captured.
  public private(set) var count: UInt64 = 0
  /// Bytes of it are not in the capture.
  public internal(set) var lacksBytes = false

  /// What comes belongs to the next message.
  var hasEnded = false

  /// Bytes that are kept of one body.
  static let limit = 2048

  init() {}

  mutating func append(_ more: Span<UInt8>) {
    if hasEnded { return }
    count &+= UInt64(more.count)
    let room = min(more.count, Self.limit &- bytes.count)
    guard room > 0, !lacksBytes else { return }
    bytes += more.extracting(0..<room).toArray()
  }
}
