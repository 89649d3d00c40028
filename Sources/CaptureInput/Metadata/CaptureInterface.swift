/// An interface as a capture describes it.
public struct CaptureInterface: Sendable, Hashable {
  /// The LINKTYPE_ number of its packets.
  public var linkType: Int32
  /// Such as `eth0`.
  public var name: String?
  /// What a person calls it.
  public var description: String?
  /// Its packets in the capture.
  public var packets: UInt64 = 0
  /// Packets that it received while the capture ran, when it says so.
  public var received: UInt64?
  /// Packets that it dropped, when the capture says so.
  public var droppedByInterface: UInt64?
  /// Packets that the capturing system dropped, when the capture says so.
  public var droppedBySystem: UInt64?

  init(linkType: Int32) { self.linkType = linkType }
}
