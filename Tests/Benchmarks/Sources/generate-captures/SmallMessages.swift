/// JSON messages of 60–200 bytes in single frames: chats, tickers, subscriptions.
struct SmallMessages: MessageContent {
  static let extensions: String? = nil
  static let messagesPerConnection = 50...350
  static let isFullDuplex = false

  private var message: [UInt8] = []
  private var sequenceNumber = 0

  init() {}

  mutating func write(from side: Side, to bytes: inout [UInt8], in capture: inout Capture) -> Int {
    // Mostly a frame in a segment; sometimes a few writes share one.
    let messages = capture.random.oneIn(10) ? capture.random.within(2...3) : 1
    for _ in 0..<messages {
      compose(from: side, in: &capture)
      capture.counts.sides[side].messageBytes += message.count
      appendFrame(.text, message[...], from: side, to: &bytes, in: &capture)
    }
    return messages
  }

  private mutating func compose(from side: Side, in capture: inout Capture) {
    sequenceNumber += 1
    message.removeAll(keepingCapacity: true)
    appendSmallJSON(
      from: side, sequenceNumber: sequenceNumber, to: &message, random: &capture.random)
  }
}

func appendSmallJSON(
  from side: Side, sequenceNumber: Int, to message: inout [UInt8], random: inout SplitMix64
) {
  let length = random.within(60...200)
  switch side {
  case .client:
    message.append(#"{"type":"publish","id":"#)
    appendDecimal(sequenceNumber, to: &message)
    message.append(#","room":"#)
    appendDecimal(random.below(500), to: &message)
  case .server:
    message.append(#"{"event":"tick","seq":"#)
    appendDecimal(sequenceNumber, to: &message)
    message.append(#","price":"#)
    appendDecimal(random.below(100_000), to: &message)
    message.append(".")
    appendDecimal(random.within(10...99), to: &message)
  }
  message.append(#","text":""#)
  Vocabulary.append(upTo: length - 2, to: &message, random: &random)
  message.append(#""}"#)
}
