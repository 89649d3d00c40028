/// 64 KiB frames of text or binary, both sides at once: file transfer, screen sharing, state dumps.
struct LargeMessages: MessageContent {
  static let extensions: String? = nil
  static let messagesPerConnection = 10...100
  static let isFullDuplex = true

  private static let frameSize = 65_536
  /// Texts are made once: composing a gigabyte word by word would take longer than writing it.
  private static let texts: [[UInt8]] = makeTexts(count: 16)

  private var payload: [UInt8] = []

  init() {}

  mutating func write(from side: Side, to bytes: inout [UInt8], in capture: inout Capture) -> Int {
    // The second message begins in the middle of a segment.
    let messages = capture.random.oneIn(4) ? 2 : 1
    for _ in 0..<messages {
      let opcode: Opcode = capture.random.oneIn(2) ? .text : .binary
      let frames = capture.random.oneIn(8) ? 2 : 1
      for frame in 0..<frames {
        compose(opcode, in: &capture)
        capture.counts.sides[side].messageBytes += payload.count
        appendFrame(
          frame == 0 ? opcode : .continuation, payload[...], from: side, isFinal: frame == frames - 1,
          to: &bytes, in: &capture)
      }
    }
    return messages
  }

  private mutating func compose(_ opcode: Opcode, in capture: inout Capture) {
    payload.removeAll(keepingCapacity: true)
    if opcode == .text {
      payload += Self.texts[capture.random.below(Self.texts.count)]
    } else {
      capture.random.appendBytes(Self.frameSize, to: &payload)
    }
  }

  private static func makeTexts(count: Int) -> [[UInt8]] {
    var random = SplitMix64(seed: 64)
    return (0..<count).map { _ in
      var text: [UInt8] = []
      Vocabulary.append(upTo: frameSize, to: &text, random: &random)
      text.append(contentsOf: repeatElement(UInt8(ascii: "."), count: frameSize - text.count))
      return text
    }
  }
}
