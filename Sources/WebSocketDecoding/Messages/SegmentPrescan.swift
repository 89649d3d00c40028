import WireBytes

/// Looks at a segment's payload before anything is known of its stream: whether it is whole messages, one frame each,
/// whose texts are UTF-8. Where frames are due that is all there is to find out about them, so that another thread than
/// the one that follows the streams can do it.
@safe package final class SegmentPrescan: Sendable {
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
    guard payload.count >= 2, FrameHeader.mayBeginPlainMessage(payload[0]) else { return false }
    return judge(payload)
  }

  @inline(never)
  private func judge(_ payload: Span<UInt8>) -> Bool {
    let isMasked = payload[1] & 0x80 != 0
    var index = 0
    while index < payload.count {
      guard let header = FrameHeader(parsing: payload.dropping(index)), header.isPlainMessage,
        header.masked == isMasked
      else { return false }
      let (start, size) = (index &+ Int(header.headerBytes), Int(truncatingIfNeeded: header.payloadBytes))
      guard payload.count &- start >= size else { return false }
      if header.opcode == .text {
        guard isValid(payload.window(at: start, length: size), key: header.maskingKey) else { return false }
      }
      index = start &+ size
    }
    return true
  }

  @inline(__always)
  private func isValid(_ text: Span<UInt8>, key: UInt32) -> Bool {
    if key == 0 { return text.isValidUTF8 }
    // The payload of a plain message is shorter than the scratch.
    let isASCII = unsafe text.withUnsafeBytes { unsafe Masking.apply(key, from: $0, to: scratch) }
    if isASCII { return true }
    let unmasked = unsafe UnsafeRawBufferPointer(start: scratch.baseAddress, count: text.count)
    return unsafe Span<UInt8>(_unsafeBytes: unmasked).isValidUTF8
  }
}
