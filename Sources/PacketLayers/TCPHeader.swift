import WireBytes

/// The control bits of a TCP header (RFC 9293 §3.1), with the one that was NS (RFC 3540).
public struct TCPFlags: OptionSet, Hashable, Sendable {
  /// The low nine bits of the 16-bit field that begins with the data offset.
  public var rawValue: UInt16

  /// Flags from the field's bits.
  @inlinable
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The sender has no more data.
  @inlinable public static var fin: TCPFlags { TCPFlags(rawValue: 0x001) }
  /// The first segment of a side.
  @inlinable public static var syn: TCPFlags { TCPFlags(rawValue: 0x002) }
  /// The connection is aborted.
  @inlinable public static var rst: TCPFlags { TCPFlags(rawValue: 0x004) }
  /// Hand over at once.
  @inlinable public static var psh: TCPFlags { TCPFlags(rawValue: 0x008) }
  /// The acknowledgment number counts.
  @inlinable public static var ack: TCPFlags { TCPFlags(rawValue: 0x010) }
  /// The urgent pointer counts.
  @inlinable public static var urg: TCPFlags { TCPFlags(rawValue: 0x020) }
  /// Congestion was seen (RFC 3168).
  @inlinable public static var ece: TCPFlags { TCPFlags(rawValue: 0x040) }
  /// The congestion window was reduced (RFC 3168).
  @inlinable public static var cwr: TCPFlags { TCPFlags(rawValue: 0x080) }
  /// The nonce sum of RFC 3540, now AE of RFC 9768.
  @inlinable public static var ns: TCPFlags { TCPFlags(rawValue: 0x100) }
}

/// One TCP segment: plain values, the payload as a range of bytes that the decoder's caller has.
public struct TCPSegment: Hashable, Sendable {
  /// Who sent it.
  public var source: IPAddress
  /// Whom it is for.
  public var destination: IPAddress
  /// The sender's port.
  public var sourcePort: UInt16
  /// The receiver's port.
  public var destinationPort: UInt16
  /// The sequence number of the first payload byte, or of the SYN.
  public var sequence: UInt32
  /// The next sequence number that the sender expects; counts only with `.ack`.
  public var acknowledgment: UInt32
  /// The control bits.
  public var flags: TCPFlags
  /// The receive window as it stands in the header, not scaled.
  public var window: UInt16
  /// Offset past the urgent data, from `sequence`; counts only with `.urg`.
  public var urgentPointer: UInt16
  /// The shift of later windows, 0 to 14 (RFC 7323 §2.2); -1 without the option. Read only in a SYN.
  public var windowScale: Int8
  /// Where the payload begins, in bytes from the begin of the packet or of the joined datagram.
  public var payloadOffset: Int
  /// Payload bytes that are there.
  public var payloadLength: Int
  /// Payload bytes that follow these in the packet and that the snap length cut off.
  public var cutBytes: Int

  /// Room for a segment that a decoder writes.
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

/// RFC 9293 §3.1. The checksum is not looked at: on the sending host the network card fills it in later.
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-------------------------------+-------------------------------+
/// |          source port          |       destination port        |
/// +-------------------------------+-------------------------------+
/// |                        sequence number                        |
/// +---------------------------------------------------------------+
/// |                     acknowledgment number                     |
/// +-------+-----+-+-+-+-+-+-+-+-+-+-------------------------------+
/// |offset |0 0 0|N|C|E|U|A|P|R|S|F|            window             |
/// +-------+-----+-+-+-+-+-+-+-+-+-+-------------------------------+
/// |           checksum            |        urgent pointer         |
/// +-------------------------------+-------------------------------+
/// |                    options, 0 to 40 bytes                     |
/// +---------------------------------------------------------------+
/// ```
/// Only the first 20 bytes must be there: a snap length that cuts the options still leaves the sequence
/// number, and with it the size of the hole.
@inline(__always)
func decodeTCP(
  _ bytes: Span<UInt8>, _ extent: Extent, from source: IPAddress, to destination: IPAddress,
  in payloadSource: PayloadSource, _ segment: inout TCPSegment
) -> PacketOutcome {
  let start = extent.start
  guard extent.count >= 20 else { return .undecodable(.truncatedTCPHeader) }
  let header = bytes.window(at: start, length: 20)
  let offsetAndFlags = header.uint16(at: 12)
  let headerLength = Int(offsetAndFlags >> 12) * 4
  let headerEnd = start &+ headerLength
  guard headerLength >= 20, headerEnd <= extent.wireEnd else { return .undecodable(.badTCPDataOffset) }

  let flags = TCPFlags(rawValue: offsetAndFlags & 0x1ff)
  let payloadOffset = min(headerEnd, extent.end)
  segment = TCPSegment(
    source: source, destination: destination,
    sourcePort: header.uint16(at: 0), destinationPort: header.uint16(at: 2),
    sequence: header.uint32(at: 4), acknowledgment: header.uint32(at: 8),
    flags: flags, window: header.uint16(at: 14), urgentPointer: header.uint16(at: 18),
    windowScale: flags.contains(.syn) ? windowScale(in: bytes, from: start + 20, to: payloadOffset) : -1,
    payloadOffset: payloadOffset, payloadLength: extent.end &- payloadOffset,
    cutBytes: extent.wireEnd &- max(headerEnd, extent.end))
  return .segment(in: payloadSource)
}

/// The shift of the window scale option among the options from `start` to `end`; -1 without one.
/// ```
/// +--------+----------+---------+
/// | kind 3 | length 3 | shift 1 |   RFC 7323 §2.2
/// +--------+----------+---------+
/// ```
@inline(never)
private func windowScale(in bytes: Span<UInt8>, from start: Int, to end: Int) -> Int8 {
  var offset = start
  while offset < end {
    let kind = bytes[offset]
    // RFC 9293 §3.2: 0 ends the list; 1 is padding and has no length.
    if kind == 0 { break }
    if kind == 1 {
      offset += 1
      continue
    }
    guard end - offset >= 2 else { break }
    let length = Int(bytes[offset + 1])
    guard length >= 2, length <= end - offset else { break }
    // RFC 7323 §2.3: a shift above 14 counts as 14.
    if kind == 3, length == 3 { return Int8(min(bytes[offset + 2], 14)) }
    offset += length
  }
  return -1
}
