import CLZ4

/// The LZ4 frame format: any number of frames, some of which may be skippable.
@safe final class LZ4Decompressor: Decompressor {
  private let context: OpaquePointer
  /// How many bytes the library asks for, up to the end of the next block. With more at a time, blocks before a damaged
  /// one would be lost, because a call that fails does not say what it wrote.
  private var wanted = firstBytes

  /// Bytes of the shortest frame header.
  private static let firstBytes = 7

  /// Nil when there is no memory.
  init?() {
    var made: OpaquePointer?
    let status = unsafe LZ4F_createDecompressionContext(&made, UInt32(LZ4F_VERSION))
    guard LZ4F_isError(status) == 0, let context = unsafe made else { return nil }
    unsafe self.context = context
  }

  deinit { unsafe LZ4F_freeDecompressionContext(context) }

  func decompress(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(InputFailure) -> DecompressionStep {
    var taken = min(input.count, wanted)
    var written = output.count
    let result = unsafe LZ4F_decompress(
      context, output.baseAddress, &written, input.baseAddress, &taken, nil)
    if LZ4F_isError(result) != 0 {
      let why = unsafe String(cString: LZ4F_getErrorName(result))
      throw InputFailure("its lz4 data is damaged (\(why))")
    }
    wanted = result == 0 ? Self.firstBytes : Int(result)
    // 0 means that a frame has ended; the context is ready for the next one.
    return DecompressionStep(taken: taken, written: written, isAtBorder: result == 0)
  }
}
