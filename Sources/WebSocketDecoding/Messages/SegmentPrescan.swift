import WireBytes

/// Tells whether a segment's payload consists of plain messages (`FrameHeader.isPlainMessage`) whose texts are UTF-8, before
/// anything is known about its stream.
///
/// Where frames are due, nothing else has to be found out about such messages if nobody wants their payloads. So this
/// work can be done on another thread than the one that follows the streams.
@safe package final class SegmentPrescan: Sendable {
  // Sendable: only the one thread that scans uses the scratch.
  private nonisolated(unsafe) let scratch: UnsafeMutableRawBufferPointer

  package init() {
    unsafe scratch = .allocate(byteCount: DecodingContext.scratchBytes, alignment: 64)
  }

  deinit { unsafe scratch.deallocate() }

  /// Whether `payload` consists of such messages, at least one, all masked or none.
  @inline(__always)
  package func areAll(of payload: Span<UInt8>) -> Bool {
    // Most payloads of other protocols show that with their first byte.
    guard payload.count >= 2, FrameHeader.mayBeginPlainMessage(payload[0]) else { return false }
    return scan(payload)
  }

  @inline(never)
  private func scan(_ payload: Span<UInt8>) -> Bool {
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
