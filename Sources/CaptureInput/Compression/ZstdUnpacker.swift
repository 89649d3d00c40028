import CZstd

/// Zstandard, RFC 8878: any number of frames, skippable ones among them. A window may have up to 128 MiB.
@safe final class ZstdUnpacker: Unpacker {
  private let stream: OpaquePointer
  /// What the library asks for: up to the end of the next block. More at a time would lose blocks that came
  /// before a damaged one, because a call that fails does not say what it wrote.
  private var wanted = firstBytes

  /// Of a frame: its magic number and descriptor.
  private static let firstBytes = 5

  /// Nil when there is no memory.
  init?() {
    guard let stream = unsafe ZSTD_createDStream() else { return nil }
    unsafe self.stream = stream
  }

  deinit { unsafe ZSTD_freeDStream(stream) }

  func unpack(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(InputFailure) -> UnpackingStep {
    var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: min(input.count, wanted), pos: 0)
    var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let result = unsafe ZSTD_decompressStream(stream, &target, &source)
    if ZSTD_isError(result) != 0 {
      let why = unsafe String(cString: ZSTD_getErrorName(result))
      throw InputFailure("its zstd data are damaged (\(why))")
    }
    wanted = result == 0 ? Self.firstBytes : result
    // 0: a frame was decoded and flushed to its end.
    return unsafe UnpackingStep(taken: source.pos, written: target.pos, isAtBorder: result == 0)
  }
}
