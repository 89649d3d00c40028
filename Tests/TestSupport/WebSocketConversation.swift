import WireBytes

/// A WebSocket over a synthetic connection: RFC 6455 §1.3's example of a handshake, and frames.
extension TCPConversation {
  /// The TCP handshake, the request and the answer.
  public mutating func upgrade() {
    handshake()
    send(
      from: .client,
      """
      GET /chat?room=1 HTTP/1.1\r
      Host: h\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Version: 13\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
      \r\n
      """.utf8)
    send(
      from: .server,
      """
      HTTP/1.1 101 Switching Protocols\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
      \r\n
      """.utf8)
  }

  /// A text message in one frame.
  @discardableResult
  public mutating func text(from side: Side, _ text: String, segmentSize: Int = 1448) -> [Packet] {
    send(from: side, frame(0x81, Array(text.utf8), isMasked: side == .client), segmentSize: segmentSize)
  }
}

/// A frame of up to 65,535 bytes of payload; `first` is FIN, RSV1 to RSV3 and the opcode.
public func frame(
  _ first: UInt8, _ payload: [UInt8], isMasked: Bool, key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
) -> [UInt8] {
  let mask: UInt8 = isMasked ? 0x80 : 0
  let length =
    payload.count < 126
    ? [mask | UInt8(payload.count)] : [mask | 126] + bigEndianBytes(UInt16(payload.count))
  guard isMasked else { return [first] + length + payload }
  return [first] + length + key + payload.enumerated().map { $1 ^ key[$0 & 3] }
}
