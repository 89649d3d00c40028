/// A person's comment in the capture.
public struct CaptureComment: Sendable, Hashable {
  /// The number of the packet that it is about; nil when it is about a section or an interface.
  public var packet: UInt64?
  /// As in the file.
  public var text: String

  /// A comment from its parts.
  public init(packet: UInt64?, text: String) {
    (self.packet, self.text) = (packet, text)
  }
}
