/// What a busy office link carries, with one packet in twenty of WebSocket.
struct MixedTraffic {
  private var webSocket = ConversationPool<TCPConversation<WebSocketScript<SmallMessages>>>(capacity: 50)
  // Each pool's clients are 10.x networks of their own.
  private var tls = ConversationPool<TCPConversation<TLSScript>>(capacity: 300, firstSerial: 1 << 22)
  private var http = ConversationPool<TCPConversation<HTTPScript>>(capacity: 100, firstSerial: 2 << 22)
  private var quic = ConversationPool<QUICConversation>(capacity: 50, firstSerial: 3 << 22)
  private var ssh = ConversationPool<TCPConversation<SSHScript>>(capacity: 10, firstSerial: 4 << 22)
  private var dns = ConversationPool<DNSConversation>(capacity: 20, firstSerial: 5 << 22)

  /// The other traffic is cut off where the capture stops, as in any capture.
  var hasOpenSessions: Bool { !webSocket.isEmpty }

  mutating func step(in capture: inout Capture) {
    if capture.counts.webSocketPackets * 20 < capture.counts.packets || capture.isEnding {
      let before = capture.counts.packets
      webSocket.step(in: &capture)
      capture.counts.webSocketPackets += capture.counts.packets - before
      return
    }
    switch capture.random.below(95) {  // shares of packets, in percent
    case ..<60: tls.step(in: &capture)
    case ..<78: http.step(in: &capture)
    case ..<91: quic.step(in: &capture)
    case ..<93: ssh.step(in: &capture)
    default: dns.step(in: &capture)
    }
  }
}
