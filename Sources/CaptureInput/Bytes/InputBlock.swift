/// A window of 256 KiB over a source. Records are read in place, and their packets are borrowed from it.
///
/// libpcap calls fread twice for each record, which costs a quarter of a run on small frames, and pipes cannot be
/// mapped (docs/decisions/0001-reading-records.md).
@safe struct InputBlock: ~Copyable {
  private let source: any ByteSource
  private var block: UnsafeMutableRawBufferPointer
  /// The next byte to be consumed, as an offset in the block.
  private(set) var next = 0
  /// Where the bytes that were read end.
  private(set) var end = 0
  /// The offset of the block in the capture.
  private var base: UInt64 = 0

  static let blockBytes = 256 << 10
  /// A longer record is taken for damage, because no packet is that large. libpcap's limit is 256 KiB, which segments
  /// that the network card merged can exceed.
  static let longestRecord = 16 << 20

  init(_ source: any ByteSource) {
    self.source = source
    unsafe block = .allocate(byteCount: Self.blockBytes, alignment: 64)
  }

  deinit { unsafe block.deallocate() }

  /// Whether the source is compressed, so that offsets do not count bytes of the file.
  var isDecompressed: Bool { source is DecompressingSource }

  /// The offset of `next` in the capture.
  var offset: UInt64 { base &+ UInt64(truncatingIfNeeded: next) }

  /// Bytes that can be consumed without reading.
  @inline(__always)
  var count: Int { end &- next }

  /// Moves past `length` bytes, which must have been read.
  @inline(__always)
  mutating func consume(_ length: Int) { next = next &+ length }

  /// The 32-bit number `place` bytes after `next`, in this machine's byte order.
  @inline(__always)
  func load(_ place: Int) -> UInt32 {
    // Safe: callers asked `fill` for the bytes that they read.
    assert(place >= 0 && place <= count - 4)
    return unsafe UInt32(littleEndian: block.loadUnaligned(fromByteOffset: next &+ place, as: UInt32.self))
  }

  /// The same, in the other byte order if `isSwapped`.
  @inline(__always)
  func load(_ place: Int, isSwapped: Bool) -> UInt32 {
    isSwapped ? load(place).byteSwapped : load(place)
  }

  /// `length` bytes of the block from `start` on. Valid until the next mutating call.
  @inline(__always)
  @_lifetime(borrow self)
  func bytes(from start: Int, _ length: Int) -> Span<UInt8> {
    let part = unsafe UnsafeRawBufferPointer(rebasing: block[start..<start &+ length])
    let span = unsafe Span<UInt8>(_unsafeBytes: part)
    // Safe: the block is freed and moved only with exclusive access to self.
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// Reads until there are `needed` bytes from `next` on, and keeps the `keeping` bytes before it. False at the end of the
  /// source, when no byte is left. Throws when fewer are left; `what` names what they begin, and `total` is how long that is
  /// said to be.
  @inline(never)
  mutating func fill(
    _ needed: Int, _ what: StaticString, of total: Int? = nil, keeping: Int = 0
  ) throws(RecordDamage) -> Bool {
    // Making room moves all that is held: who asks again for what is there must not pay for that.
    if count >= needed { return true }
    makeRoom(needed, keeping: keeping)
    while count < needed {
      if try read() == 0 {
        if count == 0 { return false }
        throw RecordDamage(
          offset: offset, what: "the file ends within \(what): \(count) of \(total ?? needed) bytes",
          isCut: true)
      }
    }
    return true
  }

  /// Whether there are `needed` bytes from `next` on, after reading if need be.
  mutating func has(_ needed: Int) -> Bool {
    if count >= needed { return true }
    // Room for twice as much, so that looking ahead in small steps does not move everything each time.
    makeRoom(needed * 2, keeping: 0)
    while count < needed {
      guard let more = try? read(), more > 0 else { return false }
    }
    return true
  }

  /// Moves back by `length` bytes that `fill` was asked to keep.
  mutating func rewind(_ length: Int) { next = max(0, next - length) }

  /// Moves past `length` bytes without holding more than a block of them.
  mutating func discard(_ length: Int, _ what: StaticString) throws(RecordDamage) {
    let start = offset
    var left = length
    while left > count {
      left -= count
      (base, next, end) = (base &+ UInt64(end), 0, 0)
      if try read() == 0 {
        throw RecordDamage(
          offset: start, what: "the file ends within \(what): \(length - left) of \(length) bytes",
          isCut: true)
      }
    }
    consume(left)
  }

  private mutating func read() throws(RecordDamage) -> Int {
    do throws(InputFailure) {
      let count = try unsafe source.read(into: UnsafeMutableRawBufferPointer(rebasing: block[end...]))
      end += count
      return count
    } catch {
      throw RecordDamage(offset: offset, what: error.what, isCut: error.isCut, isLast: true)
    }
  }

  /// Moves what is left, and `keeping` bytes before it, to the start of a block with room for `needed` bytes.
  private mutating func makeRoom(_ needed: Int, keeping: Int) {
    let kept = min(keeping, next)
    let rest = unsafe UnsafeRawBufferPointer(rebasing: block[next - kept..<end])
    let holds = unsafe block.count
    let size = max(needed + kept, Self.blockBytes, rest.count)
    if size > holds || (holds > Self.blockBytes && size == Self.blockBytes) {
      let other = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
      unsafe other.copyMemory(from: rest)
      unsafe block.deallocate()
      unsafe block = other
    } else {
      // Like memmove: the two may overlap.
      unsafe block.copyMemory(from: rest)
    }
    (base, next, end) = (offset &- UInt64(kept), kept, rest.count)
  }
}
