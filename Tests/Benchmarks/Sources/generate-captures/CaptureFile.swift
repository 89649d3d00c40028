import CommandLineSupport
import Glibc

/// A pcap savefile (microseconds, Ethernet) written through one large buffer.
struct CaptureFile: ~Copyable {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var recordHeader = [UInt8](repeating: 0, count: 16)
  private(set) var size = 0

  private static let bufferSize = 1 << 20

  init(path: String) {
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    if descriptor < 0 { fail("\(path): \(systemError())") }
    buffer.reserveCapacity(Self.bufferSize + (1 << 17))
    appendFileHeader()
  }

  private mutating func appendFileHeader() {
    let magic: UInt32 = 0xA1B2_C3D4
    let snapLength: UInt32 = 262_144
    let ethernet: UInt32 = 1
    let version: UInt32 = 2 | 4 << 16
    for word in [magic, version, 0, 0, snapLength, ethernet] {
      appendBigEndian(word.byteSwapped, to: &buffer)
    }
    size = buffer.count
  }

  mutating func append(microseconds: UInt64, headers: ArraySlice<UInt8>, payload: ArraySlice<UInt8>) {
    let length = headers.count + payload.count
    writeRecordHeader(microseconds: microseconds, length: UInt32(length))
    buffer.append(contentsOf: recordHeader)
    buffer.append(contentsOf: headers)
    buffer.append(contentsOf: payload)
    size += recordHeader.count + length
    if buffer.count >= Self.bufferSize { flush() }
  }

  private mutating func writeRecordHeader(microseconds: UInt64, length: UInt32) {
    recordHeader.store(UInt32(microseconds / 1_000_000).littleEndian, at: 0)
    recordHeader.store(UInt32(microseconds % 1_000_000).littleEndian, at: 4)
    recordHeader.store(length.littleEndian, at: 8)
    recordHeader.store(length.littleEndian, at: 12)
  }

  mutating func flush() {
    var written = 0
    while written < buffer.count {
      let count = unsafe buffer.withUnsafeBytes { bytes in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
        return unsafe write(descriptor, rest.baseAddress, rest.count)
      }
      if count < 0 { fail("cannot write the capture: \(systemError())") }
      written += count
    }
    buffer.removeAll(keepingCapacity: true)
  }

  deinit { close(descriptor) }
}
