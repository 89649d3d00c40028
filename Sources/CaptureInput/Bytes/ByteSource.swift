/// Where the bytes of a capture come from: a file, a pipe, memory, or one of them decompressed.
///
/// It is called once for each block of 256 KiB, so that the cost of a call through a protocol cannot be measured.
package protocol ByteSource: AnyObject {
  /// Fills the start of `buffer`, which is not empty. Returns the number of bytes, which may be fewer than there is room
  /// for, and 0 at the end. Throws only when it has nothing more to give.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputFailure) -> Int
}
