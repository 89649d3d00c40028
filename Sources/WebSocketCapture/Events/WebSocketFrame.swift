internal import WebSocketDecoding
internal import WireBytes

/// One frame as it was sent.
public struct WebSocketFrame: Sendable {
  /// The session's number.
  public let session: UInt64
  /// The sender.
  public let from: WebSocketSide
  /// When its last byte was captured.
  public let time: PacketTime
  /// The packet of its first byte.
  public let packet: UInt64
  /// The packet of its last byte.
  public let lastPacket: UInt64
  /// The offset of its first byte in the TCP stream of its sender.
  public let streamOffset: UInt64
  /// Whether it is the last frame of its message.
  public let fin: Bool
  /// The first reserved bit: "compressed" once permessage-deflate is negotiated.
  public let rsv1: Bool
  /// The second reserved bit.
  public let rsv2: Bool
  /// The third reserved bit.
  public let rsv3: Bool
  /// 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong.
  public let opcode: UInt8
  /// The four bytes of the masking key; nil when the frame is not masked.
  public let maskingKey: [UInt8]?
  /// Bytes of the header.
  public let headerBytes: UInt8
  /// Bytes of the payload, according to the header.
  public let payloadBytes: UInt64
  /// Payload bytes that were not captured.
  public let missingBytes: UInt64
  /// The payload, unmasked but not inflated, or its beginning when it is longer than what is kept.
  public let payload: [UInt8]
}

extension WebSocketFrame {
  init(_ frame: borrowing Frame, in session: UInt64, payload: [UInt8]) {
    let header = frame.header
    (self.session, from) = (session, WebSocketSide(frame.side))
    (time, packet, lastPacket) = (PacketTime(frame.last.time), frame.first.packet, frame.last.packet)
    streamOffset = frame.first.offset
    (fin, rsv1, rsv2, rsv3) = (header.fin, header.rsv1, header.rsv2, header.rsv3)
    opcode = header.opcode.rawValue
    maskingKey = header.masked ? header.maskingKeyBytes : nil
    (headerBytes, payloadBytes) = (header.headerBytes, header.payloadBytes)
    (missingBytes, self.payload) = (frame.missingBytes, payload)
  }
}
