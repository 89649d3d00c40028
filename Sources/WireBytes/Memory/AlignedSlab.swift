import CPrefetch

/// Elements by index, each at the start of a pair of cache lines.
///
/// With thousands of connections in turn, what matters is how many cache lines a packet touches, and processors fetch
/// lines in pairs of 128 bytes. An element of 112 bytes in an ordinary array is more often in two pairs than in one
/// (docs/decisions/0004-prefetch.md).
@safe @frozen
public struct AlignedSlab<Element: ~Copyable>: ~Copyable {
  @usableFromInline var storage: UnsafeMutableRawBufferPointer
  /// The number of elements.
  public private(set) var count = 0

  /// Bytes from one element to the next.
  @inlinable @inline(__always)
  static var stride: Int { (MemoryLayout<Element>.size &+ 127) & ~127 }

  /// An empty slab, without memory.
  public init() { unsafe storage = .allocate(byteCount: 0, alignment: 128) }

  deinit {
    for index in 0..<count { unsafe pointer(to: index).deinitialize(count: 1) }
    unsafe storage.deallocate()
  }

  /// The element at `index`, which must be below `count`.
  @inlinable
  public subscript(index: Int) -> Element {
    @inline(__always) _read {
      precondition(index >= 0 && index < count)
      yield unsafe pointer(to: index).pointee
    }
    @inline(__always) _modify {
      precondition(index >= 0 && index < count)
      yield &(unsafe pointer(to: index).pointee)
    }
  }

  @inlinable @inline(__always)
  func pointer(to index: Int) -> UnsafeMutablePointer<Element> {
    // Safe: callers compared the index with `count`, up to which elements were written.
    unsafe (storage.baseAddress.unsafelyUnwrapped + index &* Self.stride)
      .assumingMemoryBound(to: Element.self)
  }

  /// Prefetches the memory of the element at `index`, which may be out of range.
  @inlinable @inline(__always)
  public func prefetch(_ index: Int) {
    guard index >= 0 && index < count else { return }
    unsafe wstap_prefetch(pointer(to: index))
    prefetchSecondLine(index)
  }

  /// Prefetches what follows the first 64 bytes of the element at `index`, which may be out of range.
  @inlinable @inline(__always)
  public func prefetchSecondLine(_ index: Int) {
    guard index >= 0 && index < count else { return }
    unsafe wstap_prefetch(UnsafeRawPointer(pointer(to: index)) + 64)
  }

  /// Adds an element after the last one.
  public mutating func append(_ element: consuming Element) {
    let room = unsafe storage.count
    if (count &+ 1) &* Self.stride > room { grow() }
    unsafe (storage.baseAddress.unsafelyUnwrapped + count &* Self.stride)
      .initializeMemory(as: Element.self, to: element)
    count &+= 1
  }

  private mutating func grow() {
    let larger = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(8, count &* 2) &* Self.stride, alignment: 128)
    for index in 0..<count {
      unsafe (larger.baseAddress.unsafelyUnwrapped + index &* Self.stride)
        .bindMemory(to: Element.self, capacity: 1).moveInitialize(from: pointer(to: index), count: 1)
    }
    unsafe storage.deallocate()
    unsafe storage = larger
  }
}

extension AlignedSlab: @unchecked Sendable where Element: Sendable & ~Copyable {}
