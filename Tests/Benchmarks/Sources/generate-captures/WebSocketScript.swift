/// What is said inside an open session: the kinds of WebSocket traffic differ in this only.
protocol MessageContent {
  static var extensions: String? { get }
  static var messagesPerConnection: ClosedRange<Int> { get }
  /// Both sides have so much to send that their segments cross on the way.
  static var isFullDuplex: Bool { get }
  init()

  /// Appends the frames that one side's application writes next; returns how many messages they carry.
  mutating func write(from side: Side, to bytes: inout [UInt8], in capture: inout Capture) -> Int
}

/// A session from the upgrade request to both Close frames.
struct WebSocketScript<Content: MessageContent>: TCPScript {
  private enum Phase { case request, response, open, pong, closeAnswer, closed }

  private var phase = Phase.request
  private let handshake: OpeningHandshake
  private var content: Content
  private var remainingMessages: Int
  private let closingSide: Side
  private var pingPayload: [UInt8] = []

  // RFC 6455 §7.1.1: the server closes TCP first, whoever began the closing handshake.
  let closesFirst = Side.server

  static func server(random: inout SplitMix64) -> Endpoint {
    Endpoint(203, 0, 113, UInt8(10 + random.below(4)), port: 80)
  }

  init(in capture: inout Capture) {
    handshake = OpeningHandshake(extensions: Content.extensions, random: &capture.random)
    content = Content()
    remainingMessages = capture.random.within(Content.messagesPerConnection)
    closingSide = capture.random.side()
    capture.counts.sessions += 1
  }

  mutating func speak(into outboxes: inout PerSide<[UInt8]>, in capture: inout Capture) -> Bool {
    switch phase {
    case .request:
      outboxes.client = handshake.request
      phase = .response
    case .response:
      outboxes.server = handshake.response
      // Some servers have something to say at once: it shares the segment with the end of the upgrade.
      if capture.random.oneIn(8) { talk(from: .server, into: &outboxes, in: &capture) }
      phase = .open
    case .open where remainingMessages <= 0 || capture.isEnding:
      appendClose(from: closingSide, into: &outboxes, in: &capture)
      phase = .closeAnswer
    case .open where capture.random.oneIn(64):
      pingPayload.removeAll()
      capture.random.appendBytes(4, to: &pingPayload)
      appendFrame(.ping, pingPayload[...], from: .server, to: &outboxes.server, in: &capture)
      phase = .pong
    case .open:
      let side = capture.random.side()
      talk(from: side, into: &outboxes, in: &capture)
      if Content.isFullDuplex, capture.random.oneIn(2) {
        talk(from: side.other, into: &outboxes, in: &capture)
      }
    case .pong:
      appendFrame(.pong, pingPayload[...], from: .client, to: &outboxes.client, in: &capture)
      phase = .open
    case .closeAnswer:
      appendClose(from: closingSide.other, into: &outboxes, in: &capture)
      phase = .closed
    case .closed:
      return false
    }
    return true
  }

  private mutating func talk(
    from side: Side, into outboxes: inout PerSide<[UInt8]>, in capture: inout Capture
  ) {
    let messages = content.write(from: side, to: &outboxes[side], in: &capture)
    capture.counts.sides[side].messages += messages
    remainingMessages -= messages
  }

  private func appendClose(
    from side: Side, into outboxes: inout PerSide<[UInt8]>, in capture: inout Capture
  ) {
    var payload: [UInt8] = []
    appendBigEndian(UInt16(1000), to: &payload)  // normal closure
    payload.append("done")
    appendFrame(.close, payload[...], from: side, to: &outboxes[side], in: &capture)
  }
}
