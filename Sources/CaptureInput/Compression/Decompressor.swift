/// The decoder of a compression format.
protocol Decompressor: AnyObject {
  /// Decompresses until the output is full or the input is used up. Throws when the input is damaged.
  func decompress(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(InputFailure) -> DecompressionStep
}
