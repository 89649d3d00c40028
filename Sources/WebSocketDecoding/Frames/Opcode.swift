/// What a frame is for (RFC 6455 §5.2, §11.8): a number of four bits, of which the specification defines six.
public struct Opcode: RawRepresentable, Sendable, Hashable {
  /// The number on the wire: 0 to 15.
  public let rawValue: UInt8

  /// The opcode in the low four bits of `rawValue`, as in the first byte of a frame.
  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue & 0x0F }

  /// A further fragment of a message.
  @inlinable public static var continuation: Opcode { Opcode(rawValue: 0x0) }
  /// A text message, or its first fragment.
  @inlinable public static var text: Opcode { Opcode(rawValue: 0x1) }
  /// A binary message, or its first fragment.
  @inlinable public static var binary: Opcode { Opcode(rawValue: 0x2) }
  /// Starts or answers the closing handshake.
  @inlinable public static var close: Opcode { Opcode(rawValue: 0x8) }
  /// Asks for a Pong.
  @inlinable public static var ping: Opcode { Opcode(rawValue: 0x9) }
  /// Answers a Ping, or is sent unsolicited.
  @inlinable public static var pong: Opcode { Opcode(rawValue: 0xA) }

  /// Close, Ping, Pong and the reserved opcodes 0xB–0xF (RFC 6455 §5.5).
  @inlinable public var isControl: Bool { rawValue & 0x08 != 0 }

  /// Whether the specification gives the opcode a meaning.
  @inlinable public var isKnown: Bool { rawValue & 0x07 <= 2 }

  /// A text or binary message, or a further fragment of one; not the reserved opcodes 3–7.
  var carriesMessage: Bool { rawValue <= 2 }

  /// The name that reports use; reserved opcodes are named by their number.
  public var name: String {
    switch self {
    case .continuation: "continuation"
    case .text: "text"
    case .binary: "binary"
    case .close: "close"
    case .ping: "ping"
    case .pong: "pong"
    default: "reserved-\(rawValue)"
    }
  }

  /// Written out to be inlined in other modules.
  @inlinable
  public static func == (left: Opcode, right: Opcode) -> Bool { left.rawValue == right.rawValue }
}
