import WireBytes

/// What a capture says of one packet. Its bytes are borrowed separately.
public struct PacketRecord: Sendable {
  /// Counted from 1 in the input, as Wireshark's `frame.number`.
  public var number: UInt64
  /// When it was captured.
  public var time: CaptureTime
  /// The packet's length on the wire in bytes; the capture may hold fewer because of its snap length.
  public var originalLength: Int
  /// Its link type, by its number in files (LINKTYPE_…).
  public var linkType: Int32
  /// The interface that captured it: an index into `CaptureMetadata.interfaces`; -1 when the capture does not say.
  public var interface: Int32

  /// A record from its parts.
  @inlinable
  public init(
    number: UInt64, time: CaptureTime, originalLength: Int, linkType: Int32 = 1, interface: Int32 = -1
  ) {
    self.number = number
    self.time = time
    self.originalLength = originalLength
    self.linkType = linkType
    self.interface = interface
  }
}
