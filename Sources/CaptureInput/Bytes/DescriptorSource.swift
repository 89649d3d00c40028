import Glibc

/// An open file, pipe or device.
final class DescriptorSource: ByteSource {
  let descriptor: Int32
  private let closes: Bool
  /// Whether it waits at the end of a file for what is still to be written.
  private let follows: Bool
  /// Bytes read so far.
  private(set) var bytesRead: UInt64 = 0
  /// Bytes in the file when it was opened; nil when it is not a regular file.
  let size: UInt64?

  /// Whether reading ended on request, so that the last record may be cut.
  private(set) var wasInterrupted = false

  /// Milliseconds between two looks at the end of a file that is still being written: short enough to feel immediate.
  private static let pause: Int32 = 50

  init(descriptor: Int32, closes: Bool, follows: Bool) {
    (self.descriptor, self.closes) = (descriptor, closes)
    var status = stat()
    let isRegular = unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    size = isRegular ? UInt64(clamping: status.st_size) : nil
    // Reading from a pipe waits anyway, and ends with its last writer.
    self.follows = follows && isRegular
  }

  deinit { if closes { close(descriptor) } }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputFailure) -> Int {
    while true {
      // Reading could wait, and a signal that comes just before would not end that.
      if size == nil { SignalHandling.wait(toRead: descriptor) }
      if SignalHandling.isRequested { break }
      let count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count > 0 {
        bytesRead &+= UInt64(count)
        return count
      }
      if count < 0 {
        switch errno {
        // Another process may have made standard input non-blocking, or have taken what there was.
        case EINTR, EAGAIN: break
        case let error: throw InputFailure(unsafe String(cString: strerror(error)))
        }
      }
      if count == 0 {
        guard follows else { return 0 }
        try waitForMore()
      }
    }
    wasInterrupted = true
    return 0
  }

  private func waitForMore() throws(InputFailure) {
    var status = stat()
    if unsafe fstat(descriptor, &status) == 0, UInt64(clamping: status.st_size) < bytesRead {
      throw InputFailure("the file became shorter while it was followed")
    }
    // A signal ends the pause early.
    SignalHandling.wait(toRead: -1, milliseconds: Self.pause)
  }
}
