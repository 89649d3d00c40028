import WireBytes

/// The header of a frame that is a whole message and breaks no rule that a header can show: FIN, no reserved bit, text or
/// binary, and the shortest form of a length below 64 KiB (RFC 6455 §5.2). Nearly every frame has one.
struct PlainHeader {
  let opcode: Opcode
  /// How long it is itself.
  let bytes: Int
  /// Of the payload.
  let payloadBytes: Int
  /// 0 without a mask; a mask of zeros is none that this reads.
  let key: UInt32

  /// Nil when `frame` begins with another header, or is not all of the frame.
  @inline(__always)
  init?(_ frame: Span<UInt8>, isMasked: Bool) {
    guard frame.count >= 2 else { return nil }
    let first = frame[0]
    let length = frame[1] ^ (isMasked ? 0x80 : 0)
    guard Self.mayBegin(with: first), length < 127 else { return nil }
    opcode = Opcode(rawValue: first)
    var (header, size) = (2, Int(length))
    if length == 126 {
      guard frame.count >= 4 else { return nil }
      (header, size) = (4, Int(frame.uint16(at: 2)))
      guard size >= 126 else { return nil }
    }
    var key: UInt32 = 0
    if isMasked {
      guard frame.count >= header &+ 4 else { return nil }
      key = frame.load(at: header, as: UInt32.self)
      header &+= 4
      guard key != 0 else { return nil }
    }
    guard frame.count &- header >= size else { return nil }
    (bytes, payloadBytes, self.key) = (header, size, key)
  }

  /// Whether the first byte is one of such a header.
  @inline(__always)
  static func mayBegin(with first: UInt8) -> Bool {
    first == 0x80 | Opcode.text.rawValue || first == 0x80 | Opcode.binary.rawValue
  }

  /// Of the whole frame.
  @inline(__always) var wireBytes: Int { bytes &+ payloadBytes }
}

/// Looks at a segment's payload before anything is known of its stream: whether it is whole messages, one frame each,
/// whose texts are UTF-8. Where frames are due that is all there is to find out about them, so that another thread than
/// the one that follows the streams can do it.
@safe package final class PlainMessages: Sendable {
  // Sendable: only the one thread that judges touches the scratch.
  private nonisolated(unsafe) let scratch: UnsafeMutableRawBufferPointer

  package init() {
    unsafe scratch = .allocate(byteCount: WebSocketOutput.scratchBytes, alignment: 64)
  }

  deinit { unsafe scratch.deallocate() }

  /// Whether all of `payload` is such messages, at least one, all from the same side.
  @inline(__always)
  package func areAll(of payload: Span<UInt8>) -> Bool {
    // Most of what is no frame shows that with its first byte.
    guard payload.count >= 2, PlainHeader.mayBegin(with: payload[0]) else { return false }
    return judge(payload)
  }

  @inline(never)
  private func judge(_ payload: Span<UInt8>) -> Bool {
    let isMasked = payload[1] & 0x80 != 0
    var index = 0
    while index < payload.count {
      guard let header = PlainHeader(payload.dropping(index), isMasked: isMasked) else { return false }
      if header.opcode == .text {
        let text = payload.window(at: index &+ header.bytes, length: header.payloadBytes)
        guard isValid(text, key: header.key) else { return false }
      }
      index &+= header.wireBytes
    }
    return true
  }

  @inline(__always)
  private func isValid(_ text: Span<UInt8>, key: UInt32) -> Bool {
    if key == 0 { return text.isValidUTF8 }
    // A plain header's payload is shorter than the scratch.
    let isASCII = unsafe text.withUnsafeBytes { unsafe Masking.apply(key, from: $0, to: scratch) }
    if isASCII { return true }
    let unmasked = unsafe UnsafeRawBufferPointer(start: scratch.baseAddress, count: text.count)
    return unsafe Span<UInt8>(_unsafeBytes: unmasked).isValidUTF8
  }
}
