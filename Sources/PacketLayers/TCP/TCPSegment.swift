import WireBytes

/// One TCP segment: plain values, and the payload as a range of bytes that the decoder's caller has.
public struct TCPSegment: Hashable, Sendable {
  /// Who sent it.
  public var source: IPAddress
  /// Who is to receive it.
  public var destination: IPAddress
  /// The sender's port.
  public var sourcePort: UInt16
  /// The receiver's port.
  public var destinationPort: UInt16
  /// The sequence number of the first payload byte, or of the SYN.
  public var sequence: UInt32
  /// The next sequence number that the sender expects; valid only with `.ack`.
  public var acknowledgment: UInt32
  /// The control bits.
  public var flags: TCPFlags
  /// The receive window as in the header, not scaled.
  public var window: UInt16
  /// Where the urgent data ends, as an offset from `sequence`; valid only with `.urg`.
  public var urgentPointer: UInt16
  /// By how many bits later windows are shifted, 0 to 14 (RFC 7323 §2.2); -1 without the option. Read only in a SYN.
  public var windowScale: Int8
  /// Where the payload begins, in bytes from the start of the packet or of the joined datagram.
  public var payloadOffset: Int
  /// Payload bytes that were captured.
  public var payloadLength: Int
  /// Payload bytes after these that the snap length cut off.
  public var cutBytes: Int

  /// An empty segment for a decoder to fill in.
  @inlinable
  public init() {
    self.init(
      source: IPAddress(ipv4: 0), destination: IPAddress(ipv4: 0), sourcePort: 0, destinationPort: 0,
      sequence: 0, flags: [])
  }

  /// A segment from its parts.
  @inlinable
  public init(
    source: IPAddress, destination: IPAddress, sourcePort: UInt16, destinationPort: UInt16,
    sequence: UInt32, acknowledgment: UInt32 = 0, flags: TCPFlags, window: UInt16 = 65_535,
    urgentPointer: UInt16 = 0, windowScale: Int8 = -1,
    payloadOffset: Int = 0, payloadLength: Int = 0, cutBytes: Int = 0
  ) {
    self.source = source
    self.destination = destination
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.sequence = sequence
    self.acknowledgment = acknowledgment
    self.flags = flags
    self.window = window
    self.urgentPointer = urgentPointer
    self.windowScale = windowScale
    self.payloadOffset = payloadOffset
    self.payloadLength = payloadLength
    self.cutBytes = cutBytes
  }

  /// The payload as a range of offsets.
  @inlinable public var payload: Range<Int> {
    // Safe: both are offsets within one packet.
    payloadOffset..<(payloadOffset &+ payloadLength)
  }
}
