import WireBytes

/// The rules of framing that one direction shows by itself (RFC 6455 §5, §7, §8; RFC 7692).
public enum FramingRule: UInt8, CaseIterable, Sendable {
  case unmaskedClientFrame
  case maskedServerFrame
  case rsv1WithoutExtension
  case rsv1OnContinuation
  case rsv1OnControlFrame
  case reservedBit
  case reservedOpcode
  case lengthTopBit
  case nonMinimalLength
  case longControlFrame
  case fragmentedControlFrame
  case continuationWithoutStart
  case messageInsideMessage
  case invalidUTF8
  case closePayloadOneByte
  case invalidCloseCode
  case invalidUTF8CloseReason
  case frameAfterClose
  case repeatedClose
  case notAFrame
  case zeroMaskingKey
  case constantMaskingKey
  case inflationFailed
  case windowExceeded
  case deflateTail
  case inflationTooLarge
  case contextLost
  case truncatedFrame
  case unfinishedMessage
  case lostFrameSync
  case outOfStep
  case resynchronised

  /// The rule as reports show it.
  public var rule: Rule { Self.table[Int(rawValue)] }

  /// In the order of the cases.
  private static let table: [Rule] = allCases.map { $0.definition }

  private var definition: Rule {
    switch self {
    case .unmaskedClientFrame:
      Rule(
        "unmasked_client_frame", .violation, "RFC 6455 §5.1",
        "The client sent an unmasked frame; clients MUST mask every frame.")
    case .maskedServerFrame:
      Rule(
        "masked_server_frame", .violation, "RFC 6455 §5.1",
        "The server sent a masked frame; servers MUST NOT mask.")
    case .rsv1WithoutExtension:
      Rule(
        "rsv1_without_extension", .violation, "RFC 6455 §5.2",
        "RSV1 is set, but no extension that gives it a meaning was negotiated.")
    case .rsv1OnContinuation:
      Rule(
        "rsv1_on_continuation", .violation, "RFC 7692 §6.1",
        "RSV1 is set on a continuation frame; only the first fragment of a compressed message may have it.")
    case .rsv1OnControlFrame:
      Rule(
        "rsv1_on_control_frame", .violation, "RFC 7692 §6.1",
        "RSV1 is set on a control frame; control frames MUST NOT be compressed.")
    case .reservedBit:
      Rule(
        "reserved_bit", .violation, "RFC 6455 §5.2",
        "RSV2 or RSV3 is set, but no extension that gives it a meaning was negotiated.")
    case .reservedOpcode:
      Rule(
        "reserved_opcode", .violation, "RFC 6455 §5.2",
        "A frame has a reserved opcode (3–7, 11–15); its receiver MUST fail the connection.")
    case .lengthTopBit:
      Rule(
        "length_top_bit", .violation, "RFC 6455 §5.2",
        "The most significant bit of a 64-bit length is 1.")
    case .nonMinimalLength:
      Rule(
        "non_minimal_length", .violation, "RFC 6455 §5.2",
        "A length is encoded in more bytes than it needs.")
    case .longControlFrame:
      Rule(
        "long_control_frame", .violation, "RFC 6455 §5.5",
        "A control frame has a payload of more than 125 bytes.")
    case .fragmentedControlFrame:
      Rule(
        "fragmented_control_frame", .violation, "RFC 6455 §5.5", "A control frame is fragmented.")
    case .continuationWithoutStart:
      Rule(
        "continuation_without_start", .violation, "RFC 6455 §5.4",
        "A continuation frame came while no fragmented message was in progress.")
    case .messageInsideMessage:
      Rule(
        "message_inside_message", .violation, "RFC 6455 §5.4",
        "A new message began before the last fragment of the previous one.")
    case .invalidUTF8:
      Rule("invalid_utf8", .violation, "RFC 6455 §8.1", "A text message is not valid UTF-8.")
    case .closePayloadOneByte:
      Rule(
        "close_payload_one_byte", .violation, "RFC 6455 §5.5.1",
        "A Close frame's payload is one byte; a status code takes two.")
    case .invalidCloseCode:
      Rule(
        "invalid_close_code", .violation, "RFC 6455 §7.4",
        "A Close frame has a status code that endpoints MUST NOT send.")
    case .invalidUTF8CloseReason:
      Rule(
        "invalid_utf8_close_reason", .violation, "RFC 6455 §5.5.1",
        "The reason in a Close frame is not valid UTF-8.")
    case .frameAfterClose:
      Rule(
        "frame_after_close", .violation, "RFC 6455 §5.5.1",
        "A side sent a data frame after its Close frame.")
    case .notAFrame:
      Rule(
        "not_a_frame", .violation, "RFC 6455 §5.2",
        "After the upgrade came an HTTP response, or after a Close bytes that cannot be a frame; the rest of the stream is not read."
      )
    case .repeatedClose:
      Rule("repeated_close", .note, "RFC 6455 §5.5.1", "A side sent more than one Close frame.")
    case .zeroMaskingKey:
      Rule(
        "zero_masking_key", .note, "RFC 6455 §5.3",
        "A masking key is zero, which leaves the payload as it is; keys must be unpredictable.")
    case .constantMaskingKey:
      Rule(
        "constant_masking_key", .note, "RFC 6455 §5.3",
        "Three frames in a row have the same masking key; each frame needs a fresh, unpredictable one.")
    case .inflationFailed:
      Rule(
        "inflation_failed", .violation, "RFC 7692 §7.2.2",
        "A compressed message is not a valid DEFLATE stream, or it refers to bytes that its window does not hold."
      )
    case .windowExceeded:
      Rule(
        "window_exceeded", .violation, "RFC 7692 §7.1.2",
        "A compressed message refers further back than the negotiated window reaches.")
    case .deflateTail:
      Rule(
        "deflate_tail", .violation, "RFC 7692 §7.2.1",
        "A compressed message does not end inside an empty stored block, whose last four bytes its sender removes."
      )
    case .inflationTooLarge:
      Rule(
        "inflation_too_large", .warning, "RFC 7692 §8",
        "A message inflates to more than the limit; its payload is cut there.")
    case .contextLost:
      Rule(
        "compression_context_lost", .warning, "RFC 7692 §7.1.1",
        "A compressed message refers to earlier ones that were not captured or could not be inflated.")
    case .truncatedFrame:
      Rule(
        "truncated_frame", .warning, "RFC 6455 §5.2", "The stream ended inside a frame.")
    case .unfinishedMessage:
      Rule(
        "unfinished_message", .warning, "RFC 6455 §5.4",
        "The stream ended before the last fragment of a message.")
    case .lostFrameSync:
      Rule(
        "lost_frame_sync", .warning, "",
        "Bytes that would tell where the next frame begins were not captured.")
    case .outOfStep:
      Rule(
        "out_of_step", .violation, "RFC 6455 §5.2",
        "No byte is missing, but frames do not follow one another: what was sent here is not a frame, or not as long as its header says."
      )
    case .resynchronised:
      Rule(
        "resynchronised", .note, "",
        "Reading resumed where, judging by the bytes, a frame begins.")
    }
  }
}
