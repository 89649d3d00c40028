extension WebSocketCapture {
  /// A whole text or binary message: fragments joined, unmasked, inflated.
  public struct Message: Sendable {
    /// What a message's first frame says that it holds.
    public enum Opcode: String, Sendable, Hashable {
      /// UTF-8 text.
      case text
      /// Anything.
      case binary
      /// Not known: the first frame of the message was not captured.
      case continuation
    }

    /// Which session it belongs to.
    public let session: UInt64
    /// Who sent it.
    public let from: Side
    /// Text or binary.
    public let opcode: Opcode
    /// When its last byte was captured.
    public let time: Time
    /// When its first byte was captured.
    public let startTime: Time
    /// The packet of its first byte, counted from 1 as Wireshark's `frame.number`.
    public let firstPacket: UInt64
    /// The packet of its last byte.
    public let lastPacket: UInt64
    /// Data frames that carry it.
    public let frames: UInt64
    /// It was sent compressed.
    public let isCompressed: Bool
    /// False when it was sent compressed and `payload` is as it was sent: it could not be inflated, or was not
    /// to be.
    public let isInflated: Bool
    /// False when bytes of it were not captured, or its last frame never came.
    public let isComplete: Bool
    /// Bytes of its frames that were not captured, as far as headers tell.
    public let missingBytes: UInt64
    /// The parts of the payload that were not captured, the first thousand or so; they read as zero.
    public let missing: [MissingRange]
    /// Bytes of the payload: after inflation, or as sent when not `isInflated`. Holes count.
    public let bytes: UInt64
    /// Bytes of its frames as they were sent, headers included.
    public let wireBytes: UInt64
    /// The payload: its start where it has more than `Options.maximumPayload` bytes.
    public let payload: [UInt8]

    let isValidUTF8: Bool

    /// The payload of a text message, as far as it was captured and kept; nil when it is binary, has holes, or
    /// is not valid UTF-8.
    public var text: String? {
      guard opcode == .text, isValidUTF8 else { return nil }
      return String(decoding: payload.prefix(payload.lengthOfWholeCharacters), as: UTF8.self)
    }
  }

  /// A part of a payload that the capture does not hold.
  public struct MissingRange: Sendable, Hashable {
    /// Where in the payload it starts.
    public let offset: UInt64
    /// How long it is.
    public let bytes: UInt64
  }

  /// A Ping frame.
  public struct Ping: Sendable {
    /// Which session it belongs to.
    public let session: UInt64
    /// Who sent it.
    public let from: Side
    /// When its first byte was captured.
    public let time: Time
    /// The packet of its first byte.
    public let packet: UInt64
    /// Bytes of payload, as its header says.
    public let bytes: UInt64
    /// Payload bytes that were not captured.
    public let missingBytes: UInt64
    /// The payload, as far as it was captured and kept.
    public let payload: [UInt8]
  }

  /// A Pong frame.
  public struct Pong: Sendable {
    /// Which session it belongs to.
    public let session: UInt64
    /// Who sent it.
    public let from: Side
    /// When its first byte was captured.
    public let time: Time
    /// The packet of its first byte.
    public let packet: UInt64
    /// Bytes of payload, as its header says.
    public let bytes: UInt64
    /// Payload bytes that were not captured.
    public let missingBytes: UInt64
    /// The payload, as far as it was captured and kept.
    public let payload: [UInt8]
    /// The packet of the ping that it answers; nil when it answers none.
    public let answersPacket: UInt64?
    /// From the ping's packet to this one, as the capture saw them.
    public let roundTrip: Duration?
  }

  /// A Close frame.
  public struct Close: Sendable {
    /// Which session it belongs to.
    public let session: UInt64
    /// Who sent it.
    public let from: Side
    /// When its first byte was captured.
    public let time: Time
    /// The packet of its first byte.
    public let packet: UInt64
    /// Payload bytes that were not captured.
    public let missingBytes: UInt64
    /// The status code; nil when the frame has none.
    public let code: UInt16?
    /// The code's registered name, such as `normal_closure`; nil when nobody registered it.
    public let codeName: String?
    /// The reason; bytes that are not UTF-8 show as U+FFFD.
    public let reason: String
  }

  /// One frame as it stood on the wire.
  public struct Frame: Sendable {
    /// Which session it belongs to.
    public let session: UInt64
    /// Who sent it.
    public let from: Side
    /// When its last byte was captured.
    public let time: Time
    /// The packet of its first byte.
    public let packet: UInt64
    /// The packet of its last byte.
    public let lastPacket: UInt64
    /// Where in the TCP stream of its side it begins.
    public let streamOffset: UInt64
    /// The last frame of its message.
    public let fin: Bool
    /// The first reserved bit: "compressed" once permessage-deflate is negotiated.
    public let rsv1: Bool
    /// The second reserved bit.
    public let rsv2: Bool
    /// The third reserved bit.
    public let rsv3: Bool
    /// 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong.
    public let opcode: UInt8
    /// The four bytes of the masking key; nil when not masked.
    public let maskingKey: [UInt8]?
    /// Bytes of the header.
    public let headerBytes: UInt8
    /// Bytes of the payload, as the header says.
    public let payloadBytes: UInt64
    /// Payload bytes that were not captured.
    public let missingBytes: UInt64
    /// The payload, unmasked and not inflated: its start where it is longer than what is kept.
    public let payload: [UInt8]
  }

  /// Bytes of a session that the capture does not hold.
  public struct Gap: Sendable, Hashable {
    /// Which session it belongs to.
    public let session: UInt64
    /// Who sent them.
    public let from: Side
    /// When the packet that showed the gap was captured.
    public let time: Time
    /// The packet that showed it.
    public let packet: UInt64
    /// Where in the TCP stream of its side it begins.
    public let streamOffset: UInt64
    /// How many bytes are missing.
    public let bytes: UInt64
  }

  /// A rule broken, or a thing worth knowing.
  public struct Anomaly: Sendable, Hashable {
    /// How much it matters.
    public enum Severity: String, Sendable, Hashable {
      /// A MUST of a specification is broken.
      case violation
      /// Legal, or not certain, but likely to hurt.
      case warning
      /// Worth knowing.
      case note
    }

    /// Which session it belongs to.
    public let session: UInt64
    /// Who broke the rule; nil when it cannot be said of one side.
    public let from: Side?
    /// When the packet of the first byte concerned was captured.
    public let time: Time
    /// The packet of the first byte concerned.
    public let packet: UInt64
    /// Where in the TCP stream of its side that byte stands.
    public let streamOffset: UInt64
    /// How much it matters.
    public let severity: Severity
    /// The rule's name: `unmasked_client_frame`
    public let rule: String
    /// Where the rule stands: `RFC 6455 §5.1`; nil where no document has it.
    public let reference: String?
    /// One sentence: what the rule asks for.
    public let meaning: String
    /// What was seen, in words.
    public let detail: String
  }
}

extension [UInt8] {
  /// The length of valid UTF-8 that may have been cut anywhere, without the part of a character at its end.
  var lengthOfWholeCharacters: Int {
    guard let lead = indices.suffix(4).last(where: { self[$0] & 0xC0 != 0x80 }) else { return count }
    let length = self[lead] >= 0xF0 ? 4 : self[lead] >= 0xE0 ? 3 : self[lead] >= 0xC0 ? 2 : 1
    return lead + length <= count ? count : lead
  }
}
