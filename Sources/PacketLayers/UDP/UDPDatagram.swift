/// One UDP datagram: plain values, and the payload as a range of bytes that the decoder's caller has.
public struct UDPDatagram: Hashable, Sendable {
  /// Who sent it.
  public var source: IPAddress
  /// Who is to receive it.
  public var destination: IPAddress
  /// The sender's port; 0 when the sender expects no answer (RFC 768).
  public var sourcePort: UInt16
  /// The receiver's port.
  public var destinationPort: UInt16
  /// Where the payload begins, in bytes from the start of the packet or of the joined datagram.
  public var payloadOffset: Int
  /// Payload bytes that were captured.
  public var payloadLength: Int
  /// Payload bytes after these that the snap length cut off.
  public var cutBytes: Int

  /// A datagram from its parts.
  public init(
    source: IPAddress, destination: IPAddress, sourcePort: UInt16, destinationPort: UInt16,
    payloadOffset: Int = 0, payloadLength: Int = 0, cutBytes: Int = 0
  ) {
    self.source = source
    self.destination = destination
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.payloadOffset = payloadOffset
    self.payloadLength = payloadLength
    self.cutBytes = cutBytes
  }

  /// The payload as a range of offsets.
  public var payload: Range<Int> {
    // Safe: both are offsets within one packet.
    payloadOffset..<(payloadOffset &+ payloadLength)
  }
}
