import WebSocketDecoding
import WireBytes

/// A message as both legs of a session around a proxy show it, whatever their frames, masks and compression.
public struct MessageFingerprint: Sendable {
  /// Counted from 1 in its direction.
  public let number: UInt64
  /// The packet of its last byte.
  public let packet: UInt64
  /// When that packet was captured.
  public let time: CaptureTime
  /// Bytes of the payload, after inflation.
  public let bytes: UInt64
  /// Of its opcode, length and payload, as far as the payload is kept; nil when not all of it was captured or inflated.
  let hash: UInt64?

  init(_ message: borrowing Message, number: UInt64, payload: Span<UInt8>) {
    self.number = number
    packet = message.last.packet
    time = message.last.time
    bytes = message.bytes
    let (isComplete, isInflated) = (message.complete, message.inflated)
    let isKnown = isComplete && isInflated
    let opcode = UInt64(message.opcode.rawValue)
    hash = isKnown ? payload.hash(opcode, bytes) : nil
  }

  /// A message of which only this is known.
  init(number: UInt64, hash: UInt64?, bytes: UInt64 = 0, at time: CaptureTime) {
    (self.number, packet, self.time, self.bytes, self.hash) = (number, number, time, bytes, hash)
  }

  /// So short a message says little about whose it is.
  static let telling: UInt64 = 5
}

extension Span where Element == UInt8 {
  /// Multiplies and mixes eight bytes at a time, of a long payload sixteen in each of four lanes: a multiplication that waits
  /// for the one before it takes four times as long as one that does not. Equal payloads have equal hashes within a run;
  /// others agree by chance once in 2⁶⁴.
  func hash(_ seed: UInt64, _ length: UInt64) -> UInt64 {
    var value = mix(seed ^ 0x9E37_79B9_7F4A_7C15, length)
    var index = 0
    if count >= 256 { value = hashBlocks(value, &index) }
    while count &- index >= 8 {
      value = mix(value, load(at: index, as: UInt64.self))
      index &+= 8
    }
    var rest: UInt64 = 0
    while index < count {
      rest = rest << 8 | UInt64(self[index])
      index &+= 1
    }
    return mix(value, rest)
  }

  private func mix(_ value: UInt64, _ word: UInt64) -> UInt64 {
    let product = (value ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    return product.high ^ product.low &+ word.byteSwapped
  }

  /// Takes the blocks of 64 bytes from `index` on, and moves it past them.
  private func hashBlocks(_ value: UInt64, _ index: inout Int) -> UInt64 {
    var (one, two, three, four) = (value, ~value, value.byteSwapped, ~value.byteSwapped)
    while count &- index >= 64 {
      let block = window(at: index, length: 64)
      one = block.mixPair(at: 0, one)
      two = block.mixPair(at: 16, two)
      three = block.mixPair(at: 32, three)
      four = block.mixPair(at: 48, four)
      index &+= 64
    }
    return mix(mix(mix(one, two), three), four)
  }

  @inline(__always)
  private func mixPair(at place: Int, _ value: UInt64) -> UInt64 {
    let left = load(at: place, as: UInt64.self) ^ value
    let right = load(at: place &+ 8, as: UInt64.self) ^ 0xE703_7ED1_A0B4_28DB
    let product = left.multipliedFullWidth(by: right)
    // The sum keeps what a factor of zero would lose.
    return product.high ^ product.low &+ left
  }
}
