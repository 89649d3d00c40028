/// Where the bytes of a capture come from: a file, a pipe, memory, or one of them unpacked.
///
/// Asked once for each block of 256 KiB, so a call through a class costs nothing that can be measured.
package protocol ByteSource: AnyObject {
  /// Fills the begin of `buffer`, which is not empty, and returns how many bytes: 0 at the end. May give fewer
  /// bytes than there is room for. Throws only when it has nothing more to give.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputFailure) -> Int
}
