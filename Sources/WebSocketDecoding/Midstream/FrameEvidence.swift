import WireBytes

/// What speaks for bytes being a frame, in bits: n bits mean that other bytes look like this once in 2ⁿ times. It need not be
/// exact, but it must not promise more than it has.
struct FrameEvidence {
  /// Who sent the bytes; nil if that, and whether they are frames at all, has to be found out.
  let side: Side?
  let allowsCompression: Bool
  /// The mask bit that the frames have; nil if either is possible.
  let mask: Bool?

  /// `keepsMaskRule`: the side masks as it has to (RFC 6455 §5.1).
  init(side: Side?, allowsCompression: Bool, keepsMaskRule: Bool = true) {
    (self.side, self.allowsCompression) = (side, allowsCompression)
    mask = keepsMaskRule ? side.map { $0 == .client } : nil
  }

  /// Payload bytes that are examined.
  static let sampleBytes = 64

  /// Whether an honest sender writes this header here: the rules of RFC 6455 §5 that one header shows.
  func isPlausible(_ header: FrameHeader) -> Bool {
    guard isPlausible(header.firstByte, header.masked ? 0x80 : 0) else { return false }
    guard !header.lengthIsNotMinimal, header.payloadBytes < 1 << 40 else { return false }
    if header.isControl {
      guard header.payloadBytes <= 125 else { return false }
      return header.opcode != .close || header.payloadBytes != 1
    }
    // Zeros would be an endless chain of empty fragments.
    return header.fin || header.payloadBytes > 0
  }

  /// The same for the first two bytes alone, which rules out nearly all places.
  @inline(__always)
  func isPlausible(_ first: UInt8, _ second: UInt8) -> Bool {
    if let mask, (second & 0x80 != 0) != mask { return false }
    switch first {
    case 0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8A: return true
    case 0x41, 0x42, 0xC1, 0xC2: return allowsCompression
    default: return false
    }
  }

  /// Whether the bytes at the start of a packet, of which an open frame claims `left`, are like a frame that others follow. `packetEnd`: the
  /// index at which the packet ends, if that is known. One header is followed at any distance; more of them in the same packet, because
  /// where a text is masked with one key, one place in sixteen looks like a header.
  func beginsLikeFrame(_ bytes: Span<UInt8>, left: UInt64, packetEnd: Int = .max) -> Bool {
    guard !bytes.isEmpty, isPlausible(bytes[0], bytes.count > 1 ? bytes[1] : mask == true ? 0x80 : 0) else {
      return false
    }
    var place = 0
    for _ in 0..<Self.framesFollowed {
      guard let header = FrameHeader(parsing: bytes.dropping(place)) else { return true }
      guard isPlausible(header), header.payloadBytes < 1 << 32 else { return false }
      let next = place + Int(header.headerBytes) + Int(truncatingIfNeeded: header.payloadBytes)
      guard next + 2 <= bytes.count, UInt64(next) + 2 <= left, place == 0 || next < packetEnd else {
        return true
      }
      guard isPlausible(bytes[next], bytes[next + 1]) else { return false }
      place = next
      if place >= packetEnd { return true }
    }
    return true
  }
  private static let framesFollowed = 4

  /// The next index from `start` at which two bytes may begin a header; that of the last byte if nowhere.
  func nextPlausible(in bytes: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while index + 2 <= bytes.count, !isPlausible(bytes[index], bytes[index + 1]) { index += 1 }
    return index
  }

  /// Bits for a plausible header. `isLikely`: the frame before it makes it likely (`Likeness`).
  func bits(for header: FrameHeader, isLikely: Bool) -> Double {
    if side == nil && !header.fin { return 0 }
    // 9 or 13 of 256 first bytes are in use, and one of two mask bits.
    let base = isLikely ? 0.5 : (allowsCompression ? 4.3 : 4.8) + 1
    // Two of 128 lengths mean that a longer one follows; 2⁴⁰ of 2⁶⁴ long ones are plausible. Seven in ten real frames
    // are short, a quarter are longer, one in fifty is large.
    switch header.lengthBytes {
    case 2: return base + (isLikely ? 2 : 7 - 1.8)
    case 8: return base + 7 + 24 - 5.6
    default: return base - 0.5
    }
  }

  /// Bits for a frame that fills the packet from its header. Every other frame does; a frame that ends inside its packet
  /// counts `bitsForEndingInside`, because other bytes do that more often.
  ///
  /// DNS over TCP and many other protocols have two bytes of length before every message: below 128 these look like the header
  /// of an unmasked fragment. Such frames prove nothing as long as it is not known that frames are sent.
  func bitsForFilling(_ header: FrameHeader) -> Double {
    if side == nil && !header.fin { return 0 }
    return header.lengthBytes == 0 ? 6 : 15
  }
  static let bitsForEndingInside = -1.0

  /// How many bytes of the payload are examined.
  func sampleSize(of header: FrameHeader) -> Int {
    let isText = header.opcode == .text && !header.rsv1
    return Int(min(header.payloadBytes, isText ? UInt64(Self.sampleBytes) : 16))
  }

  /// What bytes have in common that only look like frames: data of a regular structure, or one text masked with one key.
  struct Likeness {
    /// The first byte and the length.
    private var head: UInt64 = 0
    /// The masking key, or a hash of the start of a payload that is not masked.
    private var start: UInt64 = 0
    /// In ASCII that is masked with one key, bytes that are four apart have the same high bit. These are the high bits of this
    /// frame, by place modulo 4; nil if it is not such a text.
    private var highBits: UInt8?

    init() {}

    init(_ header: FrameHeader, at place: Int, payload: Span<UInt8>) {
      head = UInt64(header.firstByte) << 56 | header.payloadBytes & (1 << 56 - 1)
      guard header.masked else {
        for index in payload.indices { start = (start ^ UInt64(payload[index])) &* 0x100_0000_01B3 }
        return
      }
      start = UInt64(header.maskingKey)
      let first = place + Int(header.headerBytes)
      var bits: UInt8 = 0
      for index in 0..<4 { bits |= (header.maskingKeyByte(at: index) >> 7) << UInt8((first + index) & 3) }
      for index in payload.indices where payload[index] >> 7 != bits >> UInt8((first + index) & 3) & 1 {
        return
      }
      highBits = bits
    }

    /// The same frame again.
    func isSame(as other: Likeness) -> Bool { head == other.head && start == other.start }

    /// A plausible header is no surprise after `other`.
    func isLikely(after other: Likeness) -> Bool {
      head == other.head || (highBits != nil && highBits == other.highBits)
    }
  }

  /// Bits for a payload by its first bytes, masked as they were sent; nil if no honest sender sends it.
  func bits(for header: FrameHeader, sample: Span<UInt8>) -> Double? {
    if header.opcode == .close { return bitsForClose(header, sample) }
    guard header.opcode == .text, !header.rsv1 else { return 0 }
    var text = InlineArray<64, UInt8>(repeating: 0)
    let count = min(sample.count, Self.sampleBytes)
    var (ascii, other, control) = (0.0, 0.0, 0.0)
    for index in 0..<count {
      let byte = sample[index] ^ header.maskingKeyByte(at: index)
      text[index] = byte
      switch byte {
      case 0x80...: other += 1
      case 0x20..<0x7F, 0x09, 0x0A, 0x0D: ascii += 1
      default: control += 1
      }
    }
    var utf8 = UTF8Validator()
    utf8.receive(text.span.extracting(0..<count))
    let isWhole = header.fin && UInt64(count) == header.payloadBytes
    guard isWhole ? utf8.isValidAtEnd : !utf8.foundInvalid else { return nil }
    // The odds that a random byte is readable ASCII are 98 in 256, and about one in two if text that is masked with one
    // key is unmasked with its own bytes. Then the others are control bytes, which texts hardly have. A stream that is
    // not masked may be made of text anyway: readable bytes prove little there.
    return header.masked
      ? max(min(ascii + other * 2 - control * 4, 40), -8) : max(ascii * 0.25 + other * 0.1 - control * 2, -8)
  }

  private func bitsForClose(_ header: FrameHeader, _ sample: Span<UInt8>) -> Double? {
    guard sample.count >= 2 else { return 0 }
    let first = UInt16(sample[0] ^ header.maskingKeyByte(at: 0))
    let code = first << 8 | UInt16(sample[1] ^ header.maskingKeyByte(at: 1))
    guard CloseCode.objection(to: code) == nil else { return nil }
    return code < 3000 ? 11 : 2
  }
}

/// The binary logarithm, exact to a tenth: it weighs evidence, nothing more.
func roughLog2(_ value: Int) -> Double {
  let value = Double(max(value, 1))
  return Double(value.exponent) + value.significand - 1
}
