import WireBytes

/// What a capture says of one packet; its bytes are borrowed beside it.
public struct PacketRecord: Sendable {
  /// Counted from 1 in the input, as Wireshark's `frame.number`.
  public var number: UInt64
  /// When it was captured.
  public var time: CaptureTime
  /// Bytes that the packet had; the capture may hold fewer (its snap length).
  public var originalLength: Int
  /// Its link type, as files number it (LINKTYPE_…).
  public var linkType: Int32
  /// The interface that it came by: an index into `CaptureMetadata.interfaces`; -1 when the capture does not say.
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

/// Why an input cannot be used, or not to its end. The text says what, where and what to do.
public struct CaptureError: Error, Sendable, CustomStringConvertible {
  /// One line for standard error, without the program's name.
  public let description: String
  /// Whether it says that a file is something else than a capture, rather than one that cannot be read.
  var isAboutOtherFile = false

  /// An error with its whole text.
  public init(_ description: String) { self.description = description }
}
