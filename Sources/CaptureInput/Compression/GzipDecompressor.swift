import CZlib

/// gzip (RFC 1952): any number of members one after the other, each with a checksum.
@safe final class GzipDecompressor: Decompressor {
  private let stream: UnsafeMutablePointer<z_stream>
  private var isBetweenMembers = false

  /// Nil when zlib has no memory.
  init?() {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 15 bits of window, and 16 for "gzip, nothing else" (zlib.h, inflateInit2).
    guard unsafe wstap_inflate_init2(stream, 15 + 16) == Z_OK else {
      unsafe stream.deallocate()
      return nil
    }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  func decompress(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(InputFailure) -> DecompressionStep {
    if isBetweenMembers {
      unsafe inflateReset(stream)
      isBetweenMembers = false
    }
    let given = input.count
    let room = UInt32(clamping: output.count)
    // zlib does not write to the input, although its pointer is not const.
    unsafe stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    unsafe stream.pointee.avail_in = UInt32(given)
    unsafe stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_out = room
    let status = unsafe inflate(stream, Z_NO_FLUSH)
    var step = unsafe DecompressionStep(
      taken: given - Int(stream.pointee.avail_in), written: Int(room - stream.pointee.avail_out),
      isAtBorder: status == Z_STREAM_END)
    switch status {
    case Z_STREAM_END: isBetweenMembers = true
    // Z_BUF_ERROR only says that it needs more input or room.
    case Z_OK, Z_BUF_ERROR: break
    default:
      // What came before the damage is good; the next call returns the error again.
      if step.written > 0 {
        step.isBeforeDamage = true
        return step
      }
      throw InputFailure("its gzip data is damaged (\(message(status)))")
    }
    return step
  }

  private func message(_ status: Int32) -> String {
    if let text = unsafe stream.pointee.msg { return unsafe String(cString: text) }
    return unsafe String(cString: zError(status))
  }
}
