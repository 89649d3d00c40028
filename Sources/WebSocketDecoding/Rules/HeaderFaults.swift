/// What is wrong with a frame header, as far as it can be told without its payload (RFC 6455 §5, RFC 7692 §6).
struct HeaderFaults: OptionSet, Sendable {
  let rawValue: UInt16

  /// MASK is not what its side has to send.
  static let mask = HeaderFaults(rawValue: 1)
  /// RSV2 or RSV3.
  static let reservedBits = HeaderFaults(rawValue: 2)
  /// RSV1 where nothing can be compressed.
  static let compressedBit = HeaderFaults(rawValue: 4)
  /// An opcode without a meaning.
  static let opcode = HeaderFaults(rawValue: 8)
  /// A length that no frame has.
  static let length = HeaderFaults(rawValue: 16)
  /// A length in more bytes than it needs.
  static let longForm = HeaderFaults(rawValue: 32)
  /// A control frame of more than 125 bytes.
  static let longControl = HeaderFaults(rawValue: 64)
  /// A control frame without FIN.
  static let fragmentedControl = HeaderFaults(rawValue: 128)
  /// A continuation of nothing, or a message within a message.
  static let order = HeaderFaults(rawValue: 256)
  /// Not of the header: a text that is not UTF-8.
  static let text = HeaderFaults(rawValue: 512)
  /// Not of the header: the compressed message before it cannot be inflated.
  static let inflation = HeaderFaults(rawValue: 1024)

  /// How many there are.
  var count: Int { rawValue.nonzeroBitCount }
}

extension HeaderRules {
  /// Lengths from here on belong to no frame that anybody sends.
  private static let longestFrame: UInt64 = 1 << 40

  /// What is wrong with the header at the start of `bytes`, as far as it is there: one byte at least.
  func faults(ofStart bytes: Span<UInt8>) -> HeaderFaults {
    if let header = FrameHeader(parsing: bytes) { return faults(of: header) }
    // The length is not there: a short one breaks no rule by itself.
    let masked: UInt8 = side == .client ? 0x80 : 0
    let start: InlineArray<6, UInt8> = [bytes[0], bytes.count > 1 ? bytes[1] & 0x80 : masked, 0, 0, 0, 0]
    return FrameHeader(parsing: start.span).map { faults(of: $0) } ?? []
  }

  /// What is wrong with `header` by itself.
  func faults(of header: FrameHeader) -> HeaderFaults {
    var faults: HeaderFaults = []
    if header.masked != (side == .client) { faults.insert(.mask) }
    if header.rsv2 || header.rsv3 { faults.insert(.reservedBits) }
    if header.rsv1 {
      let isOnRest = header.opcode == .continuation && !compression.isPerFrame
      if !compression.isAllowed || header.isControl || isOnRest { faults.insert(.compressedBit) }
    }
    if !header.opcode.isKnown { faults.insert(.opcode) }
    if header.payloadBytes >= Self.longestFrame { faults.insert(.length) }
    if header.lengthIsNotMinimal { faults.insert(.longForm) }
    if header.isControl {
      if header.payloadBytes > 125 { faults.insert(.longControl) }
      if !header.fin { faults.insert(.fragmentedControl) }
    }
    return faults
  }
}
