/// How well one side's messages were compressed, counted over those that were inflated.
public struct CompressionCounts: Sendable, Hashable {
  /// Messages that were sent compressed.
  public var messages: UInt64 = 0
  /// Bytes of their payloads as they were sent.
  public var compressedBytes: UInt64 = 0
  /// Bytes of their payloads after inflation.
  public var bytes: UInt64 = 0

  /// Nothing sent.
  public init() {}

  mutating func add(_ message: borrowing Message) {
    messages &+= 1
    compressedBytes &+= message.compressedBytes
    bytes &+= message.bytes
  }
}
