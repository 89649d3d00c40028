/// An interface as a capture describes it.
public struct CaptureInterface: Sendable, Hashable {
  /// The LINKTYPE_ number of its packets.
  public var linkType: Int32
  /// Such as `eth0`.
  public var name: String?
  /// Its description in words.
  public var description: String?
  /// How many packets of the capture it captured.
  public var packets: UInt64 = 0
  /// How many packets it received while the capture ran; nil when the capture does not say.
  public var received: UInt64?
  /// How many packets it dropped; nil when the capture does not say.
  public var droppedByInterface: UInt64?
  /// How many packets the capturing system dropped; nil when the capture does not say.
  public var droppedBySystem: UInt64?

  init(linkType: Int32) { self.linkType = linkType }
}
