/// Multi-byte reads from a borrowed span. Every read checks its bounds. Callers check `count` first, so a failed check is
/// a bug, and it traps instead of reading memory outside of the packet.
extension Span where Element == UInt8 {
  /// The big-endian ("network order") 16-bit number at `offset`.
  @inlinable @inline(__always)
  public func uint16(at offset: Int) -> UInt16 {
    UInt16(bigEndian: load(at: offset, as: UInt16.self))
  }

  /// The big-endian 32-bit number at `offset`.
  @inlinable @inline(__always)
  public func uint32(at offset: Int) -> UInt32 {
    UInt32(bigEndian: load(at: offset, as: UInt32.self))
  }

  /// The big-endian 64-bit number at `offset`.
  @inlinable @inline(__always)
  public func uint64(at offset: Int) -> UInt64 {
    UInt64(bigEndian: load(at: offset, as: UInt64.self))
  }

  /// The number at `offset` in the byte order of this machine.
  @inlinable @inline(__always)
  public func load<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Number.Type)
    -> Number
  {
    precondition(offset >= 0 && offset <= count &- MemoryLayout<Number>.size)
    // Safe: the range was checked on the line above.
    return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: type)
  }

  /// The `length` bytes from `offset` on, which must be within the span. When `length` is a constant, reads at fixed
  /// offsets in the window need no further checks.
  @inlinable @inline(__always)
  @_lifetime(copy self)
  public func window(at offset: Int, length: Int) -> Span<UInt8> {
    precondition(offset >= 0 && offset <= count &- length)
    // Safe: the range was checked on the line above.
    return unsafe extracting(
      unchecked: Range(uncheckedBounds: (lower: offset, upper: offset &+ length)))
  }

  /// The bytes from `offset` to the end; empty when `offset` is past it.
  @inlinable @inline(__always)
  @_lifetime(copy self)
  public func dropping(_ offset: Int) -> Span<UInt8> {
    extracting(Swift.min(offset, count)..<count)
  }

  /// Whether the bytes are equal, one by one.
  @inlinable
  public func hasSameBytes(as other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index] != other[index] { return false }
    return true
  }
}

extension Span {
  /// A copy of the elements.
  @inlinable
  public func toArray() -> [Element] {
    unsafe withUnsafeBufferPointer { unsafe [Element]($0) }
  }
}
