import CZlib
import TestSupport
import WireBytes

@testable import WebSocketDecoding

/// A frame as a sender writes it; every field can be wrong on purpose.
struct TestFrame {
  var opcode = Opcode.text
  var fin = true
  /// RSV1, RSV2, RSV3 as the bits 4, 2, 1.
  var reserved: UInt8 = 0
  var key: [UInt8]?
  var payload: [UInt8] = []
  /// Bytes of the extended length: 0, 2 or 8; nil picks the shortest.
  var lengthBytes: Int?
  /// The length that the header claims, when it is not the payload's.
  var claimed: UInt64?

  init(_ opcode: Opcode, _ payload: [UInt8] = [], fin: Bool = true, reserved: UInt8 = 0, key: [UInt8]? = nil)
  {
    self.opcode = opcode
    self.payload = payload
    self.fin = fin
    self.reserved = reserved
    self.key = key
  }

  init(_ text: String, fin: Bool = true, key: [UInt8]? = nil) {
    self.init(Opcode.text, Array(text.utf8), fin: fin, key: key)
  }

  /// Masked with a key of its own when a client sends it.
  func from(_ side: Side, _ random: inout SeededRandom) -> TestFrame {
    var frame = self
    frame.key = side == .client ? random.bytes(4) : nil
    return frame
  }

  func with(lengthBytes: Int? = nil, claimed: UInt64? = nil) -> TestFrame {
    var frame = self
    frame.lengthBytes = lengthBytes
    frame.claimed = claimed
    return frame
  }

  var bytes: [UInt8] {
    let length = claimed ?? UInt64(payload.count)
    let extended = lengthBytes ?? (length < 126 ? 0 : length < 65_536 ? 2 : 8)
    let short = extended == 0 ? UInt8(truncatingIfNeeded: length) : extended == 2 ? 126 : 127
    var result: [UInt8] = [
      (fin ? 0x80 : 0) | reserved << 4 | opcode.rawValue, (key == nil ? 0 : 0x80) | short,
    ]
    for index in 0..<extended {
      result.append(UInt8(truncatingIfNeeded: length >> (8 * UInt64(extended - 1 - index))))
    }
    guard let key else { return result + payload }
    return result + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
  }
}

/// "37 fa 21 3d" as bytes, as the RFCs print them.
func hex(_ text: String) -> [UInt8] {
  text.split(whereSeparator: { $0.isWhitespace }).map { UInt8($0, radix: 16) ?? 0 }
}

/// The sender's half of permessage-deflate (RFC 7692 §7.2.1).
@safe final class Deflater {
  private var stream = unsafe z_stream()

  init(level: Int32 = 6, windowBits: Int32 = 15, strategy: Int32 = Z_DEFAULT_STRATEGY) {
    let size = unsafe Int32(MemoryLayout<z_stream>.size)
    _ = unsafe deflateInit2_(&stream, level, Z_DEFLATED, -windowBits, 8, strategy, ZLIB_VERSION, size)
  }

  deinit { unsafe deflateEnd(&stream) }

  /// A message's payload, compressed; the empty block's four bytes are taken off unless they are to stay.
  func message(_ payload: [UInt8], forgetting: Bool = false, keepingTail: Bool = false) -> [UInt8] {
    if forgetting { unsafe deflateReset(&stream) }
    var input = payload
    var output = [UInt8](repeating: 0, count: payload.count + payload.count / 100 + 64)
    let capacity = output.count
    let rest = unsafe input.withUnsafeMutableBufferPointer { source in
      unsafe output.withUnsafeMutableBufferPointer { target in
        unsafe stream.next_in = source.baseAddress
        unsafe stream.avail_in = UInt32(source.count)
        unsafe stream.next_out = target.baseAddress
        unsafe stream.avail_out = UInt32(target.count)
        _ = unsafe deflate(&stream, Z_SYNC_FLUSH)
        return unsafe Int(stream.avail_out)
      }
    }
    // Behind a flush zlib has nothing to say of an empty message: RFC 7692 §7.2.3.6.
    let written = capacity == rest ? [0x00, 0x00, 0x00, 0xFF, 0xFF] : Array(output[..<(capacity - rest)])
    return keepingTail ? written : written.dropLast(4)
  }
}

/// A conversation's one side at random: what it sends, frame by frame, and what should be read from it.
struct RandomConversation {
  enum Kind: CaseIterable {
    case text, binary, compressed
  }

  struct Sent {
    var opcode: Opcode
    var payload: [UInt8]
    /// Its first byte in the stream, and the end.
    var range: Range<Int>
  }

  /// One element per frame.
  private(set) var frames: [[UInt8]] = []
  private(set) var messages: [Sent] = []
  private(set) var controls: [Sent] = []
  private var size = 0

  init(_ kind: Kind, from side: Side, messages count: Int, fragments: Bool, _ random: inout SeededRandom) {
    let deflater = Deflater()
    for _ in 0..<count {
      let isText = kind != .binary
      let payload = isText ? Self.text(&random) : random.bytes(Self.size(&random))
      let compresses = kind == .compressed && Int.random(in: 0..<4, using: &random) > 0
      let sent = compresses ? deflater.message(payload) : payload
      let pieces = fragments && Bool.random(using: &random) ? random.pieces(of: sent.count, atMost: 400) : []
      let start = size
      let opcode = isText ? Opcode.text : Opcode.binary
      if pieces.count < 2 {
        add(TestFrame(opcode, sent, reserved: compresses ? 4 : 0), side, &random)
      } else {
        var from = 0
        for (index, piece) in pieces.enumerated() {
          add(
            TestFrame(
              index == 0 ? opcode : Opcode.continuation, Array(sent[from..<from + piece]),
              fin: index == pieces.count - 1, reserved: index == 0 && compresses ? 4 : 0), side, &random)
          from += piece
          if index < pieces.count - 1 && Int.random(in: 0..<4, using: &random) == 0 { addPing(side, &random) }
        }
      }
      messages.append(Sent(opcode: opcode, payload: payload, range: start..<size))
      if Int.random(in: 0..<10, using: &random) == 0 { addPing(side, &random) }
    }
  }

  var bytes: [UInt8] { frames.flatMap { $0 } }

  private mutating func addPing(_ side: Side, _ random: inout SeededRandom) {
    let payload = random.bytes(Int.random(in: 0...20, using: &random))
    let start = size
    let opcode = Bool.random(using: &random) ? Opcode.ping : Opcode.pong
    add(TestFrame(opcode, payload), side, &random)
    controls.append(Sent(opcode: opcode, payload: payload, range: start..<size))
  }

  private mutating func add(_ frame: TestFrame, _ side: Side, _ random: inout SeededRandom) {
    let bytes = frame.from(side, &random).bytes
    frames.append(bytes)
    size += bytes.count
  }

  private static func size(_ random: inout SeededRandom) -> Int {
    switch Int.random(in: 0..<20, using: &random) {
    case 0: 0
    case 1: Int.random(in: 65_000...66_000, using: &random)
    case 2...4: Int.random(in: 126...3000, using: &random)
    default: Int.random(in: 1...125, using: &random)
    }
  }

  /// A text as applications send it: JSON, chat, other scripts.
  static func text(_ random: inout SeededRandom) -> [UInt8] {
    let number = Int.random(in: 0..<1_000_000, using: &random)
    let texts = [
      "ok", "{\"type\":\"tick\",\"id\":\(number),\"price\":\"\(number % 977).25\"}",
      "42[\"chat\",\"\(number)\"]",
      "{\"type\":\"nick\",\"message\":\"新用户:\(number)\"}", "Größe \(number) – schön, né? À la carte Ávila",
      "你好，世界。今天天气不错，我们去公园散步吧。\(number)", "ping \(number)",
      String(repeating: "{\"row\":\(number),\"value\":null},", count: number % 90),
    ]
    return Array(texts[number % texts.count].utf8)
  }
}
