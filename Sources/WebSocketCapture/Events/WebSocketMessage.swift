internal import WebSocketDecoding
internal import WireBytes

/// A whole text or binary message: fragments joined, unmasked, inflated.
public struct WebSocketMessage: Sendable {
  /// The type that a message's first frame declares.
  public enum Opcode: String, Sendable, Hashable {
    /// UTF-8 text.
    case text
    /// Any bytes.
    case binary
    /// Not known: the first frame of the message was not captured.
    case continuation
  }

  /// A part of a payload that was not captured.
  public struct MissingRange: Sendable, Hashable {
    /// The offset of its first byte in the payload.
    public let offset: UInt64
    /// Its length in bytes.
    public let bytes: UInt64
  }

  /// The session's number.
  public let session: UInt64
  /// The sender.
  public let from: WebSocketSide
  /// Text or binary.
  public let opcode: Opcode
  /// When its last byte was captured.
  public let time: PacketTime
  /// When its first byte was captured.
  public let startTime: PacketTime
  /// The packet of its first byte, counted from 1 like Wireshark's `frame.number`.
  public let firstPacket: UInt64
  /// The packet of its last byte.
  public let lastPacket: UInt64
  /// Data frames that carry it.
  public let frames: UInt64
  /// Whether it was sent compressed.
  public let isCompressed: Bool
  /// Whether `payload` is what the sender meant. False for a compressed message that could not be inflated, or was not
  /// to be: `payload` has the bytes as they were sent.
  public let isInflated: Bool
  /// False when bytes of it were not captured, or its last frame never came.
  public let isComplete: Bool
  /// Bytes of its frames that were not captured, as far as headers tell.
  public let missingBytes: UInt64
  /// The parts of the payload that were not captured, at most about a thousand; they read as zeros.
  public let missing: [MissingRange]
  /// Bytes of the payload: after inflation, or as sent when not `isInflated`. Missing bytes count.
  public let bytes: UInt64
  /// Bytes of its frames as they were sent, headers included.
  public let wireBytes: UInt64
  /// The payload, or its beginning when it has more than `WebSocketEvents.Options.maximumPayload` bytes.
  public let payload: [UInt8]
  /// Whether values were hidden in `payload` (`WebSocketEvents.Options.redactedMembers`): it has another length than what was sent.
  public let isRedacted: Bool

  private let isValidUTF8: Bool

  /// The payload of a text message, as far as it was captured and kept; nil when the message is binary, lacks bytes,
  /// or is not valid UTF-8.
  public var text: String? {
    guard opcode == .text, isValidUTF8 else { return nil }
    return String(decoding: payload.prefix(payload.lengthOfWholeCharacters), as: UTF8.self)
  }
}

extension WebSocketMessage {
  init(
    _ message: borrowing Message, in session: UInt64, missing: [WebSocketDecoding.MissingRange],
    payload: [UInt8], isRedacted: Bool
  ) {
    self.isRedacted = isRedacted
    (self.session, from) = (session, WebSocketSide(message.side))
    opcode = Opcode(message.opcode)
    (time, startTime) = (PacketTime(message.last.time), PacketTime(message.first.time))
    (firstPacket, lastPacket) = (message.first.packet, message.last.packet)
    (frames, isCompressed, isInflated) = (message.frames, message.compressed, message.inflated)
    (isComplete, missingBytes) = (message.complete, message.missingBytes)
    self.missing = missing.map { MissingRange(offset: $0.offset, bytes: $0.bytes) }
    (bytes, wireBytes) = (message.bytes, message.wireBytes)
    (self.payload, isValidUTF8) = (payload, message.isValidUTF8)
  }
}

extension WebSocketMessage.Opcode {
  init(_ opcode: WebSocketDecoding.Opcode) {
    switch opcode {
    case .text: self = .text
    case .binary: self = .binary
    default: self = .continuation
    }
  }
}

extension [UInt8] {
  /// The length of valid UTF-8 that may have been cut anywhere, without an incomplete character at its end.
  fileprivate var lengthOfWholeCharacters: Int {
    guard let lead = indices.suffix(4).last(where: { self[$0] & 0xC0 != 0x80 }) else { return count }
    let length = self[lead] >= 0xF0 ? 4 : self[lead] >= 0xE0 ? 3 : self[lead] >= 0xC0 ? 2 : 1
    return lead + length <= count ? count : lead
  }
}
