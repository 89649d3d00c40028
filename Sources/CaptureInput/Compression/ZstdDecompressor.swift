import CZstd

/// Zstandard (RFC 8878): any number of frames, some of which may be skippable, with windows of up to 128 MiB.
@safe final class ZstdDecompressor: Decompressor {
  private let stream: OpaquePointer
  /// How many bytes the library asks for, up to the end of the next block. With more at a time, blocks before a damaged
  /// one would be lost, because a call that fails does not say what it wrote.
  private var wanted = firstBytes

  /// Bytes of a frame's magic number and descriptor.
  private static let firstBytes = 5

  /// Nil when there is no memory.
  init?() {
    guard let stream = unsafe ZSTD_createDStream() else { return nil }
    unsafe self.stream = stream
  }

  deinit { unsafe ZSTD_freeDStream(stream) }

  func decompress(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(InputFailure) -> DecompressionStep {
    var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: min(input.count, wanted), pos: 0)
    var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let result = unsafe ZSTD_decompressStream(stream, &target, &source)
    if ZSTD_isError(result) != 0 {
      let why = unsafe String(cString: ZSTD_getErrorName(result))
      throw InputFailure("its zstd data is damaged (\(why))")
    }
    wanted = result == 0 ? Self.firstBytes : result
    // 0 means that a frame has ended and all of it was written.
    return unsafe DecompressionStep(taken: source.pos, written: target.pos, isAtBorder: result == 0)
  }
}
