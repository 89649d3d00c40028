import Output

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file without a name that a printer writes to.
final class ScratchOutput {
  private let descriptor: Int32

  init() {
    var path = Array("/tmp/wstap-output-XXXXXX".utf8CString)
    descriptor = unsafe mkstemp(&path)
    precondition(descriptor >= 0, "no file can be created in /tmp")
    _ = unsafe unlink(path)
  }

  deinit { close(descriptor) }

  func buffer() -> OutputBuffer { OutputBuffer(descriptor: descriptor) }

  /// All that was written so far.
  var bytes: [UInt8] {
    let size = Int(lseek(descriptor, 0, SEEK_END))
    var bytes = [UInt8](repeating: 0, count: size)
    let read = unsafe pread(descriptor, &bytes, size, 0)
    precondition(read == size)
    return bytes
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }
}
