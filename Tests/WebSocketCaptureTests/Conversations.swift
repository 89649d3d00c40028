import TestSupport
import WebSocketCapture
import WireBytes

/// The events of a capture of these packets.
func events(
  of packets: [Packet], _ options: WebSocketEvents.Options = WebSocketEvents.Options()
) throws -> [WebSocketEvent] {
  try withFile(packets.pcap()) { Array(try WebSocketEvents(path: $0, options: options)) }
}

extension TCPConversation {
  /// A Close frame with this code and nothing else.
  mutating func closeFrame(from side: Side, _ code: UInt16) {
    send(from: side, frame(0x88, bigEndianBytes(code), isMasked: side == .client))
  }

  /// Close frames that cross: neither side has received the other's when it sends its own.
  mutating func crossingCloses(_ code: UInt16) {
    let before = clientNext
    closeFrame(from: .client, code)
    let after = clientNext
    // The server's segment acknowledges only what came before.
    clientNext = before
    closeFrame(from: .server, code)
    clientNext = after
  }
}
