import TestSupport
import WireBytes

@testable import WebSocketDecoding

/// What one side sends, with one thing in it that is not as it should be, and good messages before and after it.
struct OutOfStepStream {
  enum Trouble: CaseIterable {
    /// A frame is written into the middle of another one.
    case interleaved
    /// Only the start of a frame is written.
    case truncated
    /// A part of a frame is written twice.
    case repeated
    case tooLong, tooShort
    /// The two bytes of the length are in the wrong order.
    case swappedLength
    /// The payload is masked twice: it is there as it was.
    case maskedTwice
    /// The masking key is there, but not the bit that says so; of a server the other way round.
    case wrongMaskBit
    case httpResponse
    case errorPage
  }

  /// The bytes of each packet.
  private(set) var packets: [[UInt8]] = []
  /// The good messages after the trouble.
  private(set) var good: [[UInt8]] = []
  private let side: Side

  /// `writesTogether`: what goes wrong and the messages behind it are written together, several frames at a time.
  init(
    _ trouble: Trouble, from side: Side, messages: Int = 20, writesTogether: Bool = false,
    _ random: inout SeededRandom
  ) {
    self.side = side
    let isBinary = Int.random(in: 0..<4, using: &random) == 0
    for _ in 0..<3 { packets.append(Self.message(isBinary, 60, &random).frame(side, &random)) }
    let size =
      [40, 97, 124, 300, 1400, 5000, 70_000][
        Int.random(in: 0..<100, using: &random) < 95
          ? Int.random(in: 0..<5, using: &random) : Int.random(in: 5..<7, using: &random)]
    let bad = Self.message(isBinary, size, &random)
    let other = Self.message(false, 30, &random).frame(side, &random)
    var waiting = Self.bytes(of: trouble, bad, other, side, &random)
    if !writesTogether {
      send(waiting, &random)
      waiting = []
    }
    let perPacket = (writesTogether ? [3, 5] : [1, 1, 1, 2, 3]).randomElement(using: &random) ?? 1
    for index in 0..<messages {
      let size =
        writesTogether ? [9, 20, 60, 200].randomElement(using: &random) ?? 9 : [9, 20, 60, 200][index % 4]
      let message = Self.message(isBinary, size, &random)
      good.append(message.payload)
      waiting += message.frame(side, &random)
      if index % perPacket == perPacket - 1 || index == messages - 1 {
        send(waiting, &random)
        waiting = []
      }
    }
  }

  private mutating func send(_ bytes: [UInt8], _ random: inout SeededRandom) {
    var rest = bytes[...]
    while !rest.isEmpty {
      packets.append(Array(rest.prefix(1448)))
      rest = rest.dropFirst(1448)
    }
  }

  private static func bytes(
    of trouble: Trouble, _ bad: TestFrame, _ other: [UInt8], _ side: Side, _ random: inout SeededRandom
  ) -> [UInt8] {
    let whole = bad.frame(side, &random)
    let place = Int.random(in: 2..<whole.count, using: &random)
    switch trouble {
    case .interleaved: return Array(whole[..<place]) + other + whole[place...]
    case .truncated: return Array(whole[..<place])
    case .repeated:
      let start = Int.random(in: 0..<place, using: &random)
      return Array(whole[..<place]) + whole[start...]
    case .tooLong, .tooShort:
      let off = Int.random(in: 1...4, using: &random)
      var frame = bad.from(side, &random)
      frame.claimed = UInt64(trouble == .tooLong ? bad.payload.count + off : bad.payload.count - off)
      return frame.bytes
    case .swappedLength:
      var frame = bad.from(side, &random)
      if frame.payload.count < 126 { frame.payload += frame.payload + random.bytes(126) }
      frame.claimed = UInt64(UInt16(truncatingIfNeeded: frame.payload.count).byteSwapped)
      frame.lengthBytes = 2
      return frame.bytes
    case .maskedTwice:
      var frame = bad
      frame.key = random.bytes(4)
      frame.payload = frame.payload.enumerated().map { $1 ^ (frame.key?[$0 & 3] ?? 0) }
      return side == .client ? frame.bytes : bad.bytes
    case .wrongMaskBit: return bad.from(side.peer, &random).bytes
    case .httpResponse:
      let body = "<html><body>The server is busy; try again later. \(random.next())</body></html>"
      return Array(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
    case .errorPage:
      return Array(
        "<html><head><title>502 Bad Gateway</title></head><body>\(random.next())</body></html>\n".utf8)
    }
  }

  private static func message(_ isBinary: Bool, _ size: Int, _ random: inout SeededRandom) -> TestFrame {
    if isBinary { return TestFrame(.binary, random.bytes(size)) }
    var text = "{\"id\":\(Int.random(in: 0..<100_000, using: &random))"
    while text.utf8.count + 2 < size {
      text += ",\"" + (["temp", "state", "hours", "naïve", "名"].randomElement(using: &random) ?? "")
      text += "\": \(Int.random(in: 0..<100, using: &random))"
    }
    return TestFrame(text + "}")
  }

  /// The payloads of the good messages that are among the messages seen.
  func found(among seen: Recorder) -> Int {
    let payloads = Set(seen.messages.map(\.payload))
    return good.count { payloads.contains($0) }
  }
}

extension TestFrame {
  fileprivate func frame(_ side: Side, _ random: inout SeededRandom) -> [UInt8] { from(side, &random).bytes }
}
