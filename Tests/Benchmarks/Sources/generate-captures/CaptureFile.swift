import CommandLineSupport
import Glibc

/// A pcap or pcapng savefile (microseconds, Ethernet) written through one large buffer.
struct CaptureFile: ~Copyable {
  private let descriptor: Int32
  private let isPcapng: Bool
  private var buffer: [UInt8] = []
  private var recordHeader = [UInt8](repeating: 0, count: 16)
  /// Bytes of the file.
  private(set) var size = 0
  /// Bytes that the same packets take in pcap: what the length that was asked for is about.
  private(set) var pcapSize = 0

  private static let bufferSize = 1 << 20

  init(path: String, isPcapng: Bool) {
    self.isPcapng = isPcapng
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    if descriptor < 0 { fail("\(path): \(systemError())") }
    buffer.reserveCapacity(Self.bufferSize + (1 << 17))
    if isPcapng { appendSectionAndInterface() } else { appendFileHeader() }
    (size, pcapSize) = (buffer.count, 24)
  }

  /// A section header block of unknown length, and an interface description block without options.
  private mutating func appendSectionAndInterface() {
    let words: [UInt32] = [
      0x0A0D_0D0A, 28, 0x1A2B_3C4D, 1, .max, .max, 28,
      1, 20, 1, 262_144, 20,
    ]
    for word in words { appendBigEndian(word.byteSwapped, to: &buffer) }
  }

  private mutating func appendFileHeader() {
    let magic: UInt32 = 0xA1B2_C3D4
    let snapLength: UInt32 = 262_144
    let ethernet: UInt32 = 1
    let version: UInt32 = 2 | 4 << 16
    for word in [magic, version, 0, 0, snapLength, ethernet] {
      appendBigEndian(word.byteSwapped, to: &buffer)
    }
  }

  mutating func append(microseconds: UInt64, headers: ArraySlice<UInt8>, payload: ArraySlice<UInt8>) {
    let length = headers.count + payload.count
    let before = buffer.count
    if isPcapng {
      appendPacketBlock(microseconds: microseconds, length: length, headers, payload)
    } else {
      writeRecordHeader(microseconds: microseconds, length: UInt32(length))
      buffer.append(contentsOf: recordHeader)
      buffer.append(contentsOf: headers)
      buffer.append(contentsOf: payload)
    }
    size += buffer.count - before
    pcapSize += recordHeader.count + length
    if buffer.count >= Self.bufferSize { flush() }
  }

  private mutating func appendPacketBlock(
    microseconds: UInt64, length: Int, _ headers: ArraySlice<UInt8>, _ payload: ArraySlice<UInt8>
  ) {
    let padding = -length & 3
    let total = UInt32(32 + length + padding)
    let words: [UInt32] = [
      6, total, 0, UInt32(microseconds >> 32), UInt32(truncatingIfNeeded: microseconds), UInt32(length),
      UInt32(length),
    ]
    for word in words { appendBigEndian(word.byteSwapped, to: &buffer) }
    buffer.append(contentsOf: headers)
    buffer.append(contentsOf: payload)
    for _ in 0..<padding { buffer.append(0) }
    appendBigEndian(total.byteSwapped, to: &buffer)
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
