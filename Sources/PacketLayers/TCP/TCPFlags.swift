/// The control bits of a TCP header (RFC 9293 §3.1), including the former NS bit (RFC 3540).
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
  /// The receiver is to hand the data to the application at once.
  @inlinable public static var psh: TCPFlags { TCPFlags(rawValue: 0x008) }
  /// The acknowledgment number is valid.
  @inlinable public static var ack: TCPFlags { TCPFlags(rawValue: 0x010) }
  /// The urgent pointer is valid.
  @inlinable public static var urg: TCPFlags { TCPFlags(rawValue: 0x020) }
  /// Congestion was seen (RFC 3168).
  @inlinable public static var ece: TCPFlags { TCPFlags(rawValue: 0x040) }
  /// The congestion window was reduced (RFC 3168).
  @inlinable public static var cwr: TCPFlags { TCPFlags(rawValue: 0x080) }
  /// The nonce sum of RFC 3540, now AE of RFC 9768.
  @inlinable public static var ns: TCPFlags { TCPFlags(rawValue: 0x100) }
}
