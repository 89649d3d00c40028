import WireBytes

/// The header of one frame (RFC 6455 §5.2).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-------+-+-------------+-------------------------------+
///     |F|R|R|R| opcode|M| Payload len |    Extended payload length    |
///     |I|S|S|S|  (4)  |A|     (7)     |             (16/64)           |
///     |N|V|V|V|       |S|             |   (if payload len==126/127)   |
///     | |1|2|3|       |K|             |                               |
///     +-+-+-+-+-------+-+-------------+ - - - - - - - - - - - - - - - +
///     |     Extended payload length continued, if payload len == 127  |
///     + - - - - - - - - - - - - - - - +-------------------------------+
///     |                               |Masking-key, if MASK set to 1  |
///     +-------------------------------+-------------------------------+
///     | Masking-key (continued)       |          Payload Data         |
///     +-------------------------------- - - - - - - - - - - - - - - - +
public struct FrameHeader: Sendable {
  /// FIN, RSV1–3 and the opcode, as on the wire.
  public var firstByte: UInt8
  /// MASK and the 7-bit length, as on the wire.
  @usableFromInline var secondByte: UInt8
  /// Bytes of the header: 2 to 14.
  public var headerBytes: UInt8
  /// The masking key, its four bytes in memory order; 0 when not masked.
  public var maskingKey: UInt32
  /// Bytes of the payload, before unmasking and inflation.
  public var payloadBytes: UInt64

  /// The longest header: 2 bytes, a 64-bit length and a masking key.
  public static let maximumBytes = 14

  /// No frame yet.
  init(empty: Void) {
    (firstByte, secondByte, headerBytes, maskingKey, payloadBytes) = (0, 0, 0, 0, 0)
  }

  /// The header at the start of `bytes`, or nil while it is incomplete.
  ///
  /// This is the only parser of headers. It is inlined into the loop over whole messages, where the
  /// tests of `isPlainMessage` fold into the branches below.
  @inline(__always)
  init?(parsing bytes: Span<UInt8>) {
    guard bytes.count >= 2 else { return nil }
    let pair = bytes.load(at: 0, as: UInt16.self).littleEndian
    firstByte = UInt8(truncatingIfNeeded: pair)
    secondByte = UInt8(truncatingIfNeeded: pair >> 8)

    var length = 2
    switch secondByte & 0x7F {
    case 126:
      length = 4
      guard bytes.count >= length else { return nil }
      payloadBytes = UInt64(bytes.uint16(at: 2))
    case 127:
      length = 10
      guard bytes.count >= length else { return nil }
      payloadBytes = bytes.uint64(at: 2)
    case let short:
      payloadBytes = UInt64(short)
    }

    if secondByte & 0x80 != 0 {
      guard bytes.count >= length + 4 else { return nil }
      maskingKey = bytes.load(at: length, as: UInt32.self)
      length += 4
    } else {
      maskingKey = 0
    }
    headerBytes = UInt8(truncatingIfNeeded: length)
  }

  /// The MASK bit.
  @inlinable public var masked: Bool { secondByte & 0x80 != 0 }
  /// The last frame of its message.
  @inlinable public var fin: Bool { firstByte & 0x80 != 0 }
  /// The first reserved bit: "compressed" once permessage-deflate is negotiated (RFC 7692 §6).
  @inlinable public var rsv1: Bool { firstByte & 0x40 != 0 }
  /// The second reserved bit.
  @inlinable public var rsv2: Bool { firstByte & 0x20 != 0 }
  /// The third reserved bit.
  @inlinable public var rsv3: Bool { firstByte & 0x10 != 0 }
  /// What the frame is for.
  @inlinable public var opcode: Opcode { Opcode(rawValue: firstByte) }
  /// Close, ping, pong and the reserved opcodes 0xB–0xF (RFC 6455 §5.5).
  @inlinable public var isControl: Bool { opcode.isControl }

  /// The same header with the top bit of a 64-bit length cleared.
  var withoutTopBit: FrameHeader {
    var header = self
    header.payloadBytes &= .max >> 1
    return header
  }

  /// It begins with `HT`, as in `HTTP/1.1`. As a frame that would be a Close with RSV1 and without FIN, which breaks the rules.
  var beginsHTTP: Bool {
    firstByte == UInt8(ascii: "H") && !masked && payloadBytes == UInt64(UInt8(ascii: "T"))
  }

  /// Bytes of the extended length: 0, 2 or 8.
  var lengthBytes: Int {
    switch secondByte & 0x7F {
    case 126: 2
    case 127: 8
    default: 0
    }
  }

  /// The length was written in more bytes than it needs (RFC 6455 §5.2: the minimal number MUST be used).
  @inline(__always)
  var lengthIsNotMinimal: Bool {
    switch secondByte & 0x7F {
    case 126: payloadBytes < 126
    case 127: payloadBytes < 65_536
    default: false
    }
  }

  /// The frame is a whole message below 64 KiB, and breaks no rule that a header can show, apart from the
  /// mask bit: FIN, no reserved bit, text or binary, the shortest form of the length, and a masking key
  /// that is not zero. Nearly every frame is one.
  @inline(__always)
  var isPlainMessage: Bool {
    guard Self.mayBeginPlainMessage(firstByte) else { return false }
    guard secondByte & 0x7F != 127, !lengthIsNotMinimal else { return false }
    return !masked || maskingKey != 0
  }

  /// Whether `first` is the first byte of a text or binary frame with FIN and no reserved bit.
  @inline(__always)
  static func mayBeginPlainMessage(_ first: UInt8) -> Bool {
    first == 0x80 | Opcode.text.rawValue || first == 0x80 | Opcode.binary.rawValue
  }

  /// Whether a frame may begin with this byte, whatever was agreed on: no RSV2 or RSV3, and an opcode that has a meaning.
  @inline(__always)
  static func mayBegin(_ first: UInt8) -> Bool { first & 0x34 == 0 && first & 0x03 != 0x03 }

  /// The byte of the masking key that applies to the payload byte at `offset`; 0 if not masked.
  func maskingKeyByte(at offset: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: maskingKey.littleEndian >> (UInt32(offset & 3) * 8))
  }

  /// The masking key in wire order, for reports.
  public var maskingKeyBytes: [UInt8] {
    (0..<4).map { maskingKeyByte(at: $0) }
  }
}
