/// How messages are decoded, and the limits that hold.
public struct DecodingOptions: Sendable {
  /// Payload bytes of a message that are kept for its report; further bytes are still decoded, counted and
  /// checked. 0 keeps nothing of a message that does not end in the packet in which it began.
  public var keptPayload = 16 << 20
  /// Payload bytes of a control frame that are kept; the RFC allows 125.
  public var keptControlPayload = 4096
  /// Inflate permessage-deflate messages.
  public var inflates = true
  /// Inflated bytes of one message that are kept and checked; further ones are inflated only to keep the stream in step.
  public var inflatedBytes: UInt64 = 64 << 20
  /// Report messages. If not, they are decoded, checked and counted all the same.
  public var reportsMessages = true
  /// Report every frame too.
  public var reportsFrames = false

  /// The content of messages is checked, but nobody wants to see it.
  package var wantsNoPayload: Bool { keptPayload == 0 && !reportsFrames }

  /// The defaults.
  public init() {}
}
