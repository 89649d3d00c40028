import CommandLineSupport
import Glibc

/// The compressed payloads of a capture, for `deflate-floor`: of each the number of its stream and its length in 32 bits each
/// in the order of this machine, then its bytes.
struct PayloadFile {
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  init(path: String) {
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    if descriptor < 0 { fail("\(path): \(systemError())") }
  }

  mutating func append(_ bytes: ArraySlice<UInt8>, stream: UInt32) {
    for word in [stream, UInt32(bytes.count)] { appendBigEndian(word.byteSwapped, to: &buffer) }
    buffer.append(contentsOf: bytes)
    if buffer.count >= 1 << 20 { flush() }
  }

  mutating func flush() {
    var written = 0
    while written < buffer.count {
      let count = unsafe buffer.withUnsafeBytes { bytes in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
        return unsafe write(descriptor, rest.baseAddress, rest.count)
      }
      if count < 0 { fail("cannot write the payloads: \(systemError())") }
      written += count
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
