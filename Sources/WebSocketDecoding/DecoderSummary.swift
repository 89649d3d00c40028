import WireBytes

/// What the messages of a direction came to, for what is concluded from it at the end of a session.
extension WebSocketDecoder {
  /// The last message that did not come as one plain frame in one segment; it may still be open.
  public var lastMessageInPieces: Message? {
    guard let message = cold.message, message.frames > 0 else { return nil }
    return message
  }

  /// Packets that brought bytes of that message.
  public var packetsOfLastInPieces: Int { cold.messagePackets }

  /// What the last message was; nil before the first.
  public var lastOpcode: Opcode? { tally.messages == 0 ? nil : Opcode(rawValue: lastFirstByte) }

  /// Payload bytes of the largest message, as they were sent; of messages of 4 GiB and more, 2³² − 1.
  public var largestMessage: UInt64 { UInt64(largest) }

  /// Payload bytes of a message, as they were sent, and the packet in which it begins.
  @inline(__always)
  mutating func noteSize(_ bytes: UInt32, in packet: UInt64) {
    if bytes > largest { (largest, packetOfLargest) = (bytes, packet) }
  }
}
