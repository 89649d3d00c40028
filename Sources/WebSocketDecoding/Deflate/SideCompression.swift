/// How one side may compress what it sends.
public struct SideCompression: Sendable, Hashable {
  /// Compression was negotiated, or may have been (the handshake was not captured).
  public var isAllowed: Bool
  /// The side restarts its window for every message.
  public var forgetsContext: Bool
  /// The window is 2 to this power: 8 to 15.
  public var windowBits: UInt8
  /// Each frame is compressed by itself.
  public var isPerFrame: Bool

  /// Compression is allowed, with windows of 32 KiB that are kept unless stated otherwise.
  public init(forgetsContext: Bool = false, windowBits: Int = 15, isPerFrame: Bool = false) {
    isAllowed = true
    self.forgetsContext = forgetsContext
    self.windowBits = UInt8(clamping: windowBits)
    self.isPerFrame = isPerFrame
  }

  /// No compression.
  public static let none: SideCompression = {
    var none = SideCompression()
    none.isAllowed = false
    return none
  }()
}
