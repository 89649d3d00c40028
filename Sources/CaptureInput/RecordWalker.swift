import Glibc
import WireBytes

/// Walks the packet records of a classic pcap file by itself, in blocks of 256 KiB.
///
/// libpcap opens and judges the file; for the records it calls fread twice a packet, which cost a quarter of a
/// whole run on small frames (docs/decisions/0001-reading-records.md). The layout is that of pcap-savefile(5):
/// ```
/// +----------------+----------------+----------------+----------------+
/// |    seconds     | µs or ns       | captured bytes | original bytes |   4 bytes each, the writer's order
/// +----------------+----------------+----------------+----------------+
/// | the captured bytes …
/// ```
@safe struct RecordWalker: ~Copyable {
  /// One record: where its bytes lie in the block.
  struct Record {
    var time: CaptureTime
    var originalLength: Int
    var start: Int
    var count: Int
  }

  private let descriptor: Int32
  private let isSwapped: Bool
  private let isNanoseconds: Bool
  private var block: UnsafeMutableRawBufferPointer
  /// The bytes of the block that are read and not walked.
  private var next = 0
  private var end = 0
  /// Where `next` lies in the file.
  private(set) var offset: UInt64

  private static let blockBytes = 256 << 10
  private static let recordHeaderBytes = 16
  private static let fileHeaderBytes = 24
  /// No capture has packets of this size: the length is damaged. libpcap stops at 256 KiB, which segments put
  /// together by the network card can exceed.
  private static let longestRecord = 16 << 20

  /// How the numbers of a classic pcap file are written.
  struct Layout {
    let isSwapped: Bool
    let isNanoseconds: Bool

    /// That of an open file; nil when it is no regular file or no classic pcap.
    init?(descriptor: Int32) {
      var status = stat()
      guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
      var header: UInt64 = 0
      guard unsafe pread(descriptor, &header, 8, 0) == 8 else { return nil }
      let little = UInt64(littleEndian: header)
      // Before version 2.4 the two lengths of a record stood in the other order; libpcap knows when.
      let version = UInt32(truncatingIfNeeded: little >> 32)
      guard version == 0x0004_0002 || version == 0x0200_0400 else { return nil }
      switch UInt32(truncatingIfNeeded: little) {
      case 0xA1B2_C3D4: (isSwapped, isNanoseconds) = (false, false)
      case 0xD4C3_B2A1: (isSwapped, isNanoseconds) = (true, false)
      case 0xA1B2_3C4D: (isSwapped, isNanoseconds) = (false, true)
      case 0x4D3C_B2A1: (isSwapped, isNanoseconds) = (true, true)
      default: return nil
      }
    }
  }

  /// A walker for an open file whose header libpcap accepted; it starts behind that header.
  init(descriptor: Int32, layout: Layout) {
    self.descriptor = descriptor
    (isSwapped, isNanoseconds) = (layout.isSwapped, layout.isNanoseconds)
    offset = UInt64(Self.fileHeaderBytes)
    unsafe block = .allocate(byteCount: Self.blockBytes, alignment: 64)
    lseek(descriptor, off_t(Self.fileHeaderBytes), SEEK_SET)
  }

  deinit { unsafe block.deallocate() }

  /// The bytes of the block: a record's are those from `start` on.
  var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(block) }

  /// The next record; nil at the end of the file. Throws where the file is cut or damaged.
  @inline(__always)
  mutating func advance() throws(RecordDamage) -> Record? {
    if end &- next < Self.recordHeaderBytes {
      guard try fill(Self.recordHeaderBytes, "a record header") else { return nil }
    }
    let (seconds, fraction) = (field(0), field(4))
    let (captured, original) = (Int(field(8)), Int(field(12)))
    if end &- next < Self.recordHeaderBytes &+ captured {
      guard captured <= Self.longestRecord else {
        throw RecordDamage(offset: offset, what: "a record says that it has \(captured) bytes")
      }
      guard try fill(Self.recordHeaderBytes &+ captured, "a record") else { return nil }
    }
    let start = next &+ Self.recordHeaderBytes
    next = start &+ captured
    offset &+= UInt64(Self.recordHeaderBytes &+ captured)
    let nanoseconds = isNanoseconds ? Int64(fraction) : Int64(fraction) &* 1000
    return Record(
      // 32 unsigned bits of seconds reach to 2106.
      time: CaptureTime(nanoseconds: Int64(seconds) &* 1_000_000_000 &+ nanoseconds),
      originalLength: original, start: start, count: captured)
  }

  @inline(__always)
  private func field(_ place: Int) -> UInt32 {
    // Safe: `advance` made sure of 16 bytes from `next` on.
    let value = unsafe block.loadUnaligned(fromByteOffset: next &+ place, as: UInt32.self)
    return isSwapped ? UInt32(bigEndian: value) : UInt32(littleEndian: value)
  }

  /// Reads until `needed` bytes lie from `next` on. False at the end of the file, if nothing is left over.
  @inline(never)
  private mutating func fill(_ needed: Int, _ what: String) throws(RecordDamage) -> Bool {
    makeRoom(needed)
    while end < needed {
      let count = unsafe read(descriptor, block.baseAddress?.advanced(by: end), block.count - end)
      if count < 0 && errno == EINTR { continue }
      if count < 0 {
        throw RecordDamage(offset: offset, what: unsafe String(cString: strerror(errno)))
      }
      if count == 0 {
        if end == 0 { return false }
        throw RecordDamage(offset: offset, what: "the file ends within \(what): \(end) of \(needed) bytes")
      }
      end += count
    }
    return true
  }

  /// Moves what is left to the front of a block that holds `needed` bytes.
  private mutating func makeRoom(_ needed: Int) {
    let rest = unsafe UnsafeRawBufferPointer(rebasing: block[next..<end])
    let holds = unsafe block.count
    if needed > holds || (holds > Self.blockBytes && needed <= Self.blockBytes) {
      let size = max(needed, Self.blockBytes)
      let other = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
      unsafe other.copyMemory(from: rest)
      unsafe block.deallocate()
      unsafe block = other
    } else {
      // Like memmove: the two may overlap.
      unsafe block.copyMemory(from: rest)
    }
    (next, end) = (0, rest.count)
  }
}

/// Where and why the records of a file cannot be read further.
struct RecordDamage: Error {
  /// The start of the record, in bytes from the start of the file.
  let offset: UInt64
  let what: String
}
