/// How messages are decoded, and the limits that hold.
public struct DecodingOptions: Sendable {
  /// Payload bytes of a message that are kept for its report; what is beyond is still decoded, counted and
  /// checked. 0 keeps none of a message that ends in another packet than it began.
  public var keptPayload = 16 << 20
  /// Payload bytes of a control frame that are kept; the RFC allows 125.
  public var keptControlPayload = 4096
  /// Inflate permessage-deflate messages.
  public var inflates = true
  /// Output of one message that is looked at; what is beyond is inflated only to keep the stream in step.
  public var inflatedBytes: UInt64 = 64 << 20
  /// Report every frame too.
  public var reportsFrames = false

  /// What messages say is checked, and shown to nobody.
  package var wantsNoPayload: Bool { keptPayload == 0 && !reportsFrames }

  /// The defaults.
  public init() {}
}
