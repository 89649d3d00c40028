#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Owned, growing bytes for a payload that does not end in the packet it began in.
///
/// It is not an Array: a decoder unmasks straight into its tail, so there is one copy from the packet to here, and the
/// type cannot be copied, so there is never a copy on write.
@safe public struct PayloadBuffer: ~Copyable {
  private var base: UnsafeMutableRawPointer?
  /// How many bytes it has memory for.
  public private(set) var capacity = 0
  /// How many bytes it holds.
  public private(set) var count = 0

  /// An empty buffer, without memory.
  public init() { unsafe base = nil }

  deinit { unsafe free(base) }

  /// The bytes held, borrowed.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let start = unsafe UnsafeRawBufferPointer(start: base, count: count)
      let span = unsafe Span<UInt8>(_unsafeBytes: start)
      // Safe: the memory lives as long as self, which the caller borrows.
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// The capacity that `reserve` leads to. At most four times what is needed now, because a sender that announces much may send
  /// little.
  package func capacity(adding added: Int, expecting expected: Int = 0) -> Int {
    let needed = count + added
    guard needed > capacity else { return capacity }
    let likely = needed.multipliedReportingOverflow(by: 4)
    return max(needed, capacity * 2, min(expected, likely.overflow ? .max : likely.partialValue), 256)
  }

  /// Makes room for `added` more bytes, when `expected` bytes were announced in all.
  mutating func reserve(_ added: Int, expecting expected: Int) {
    let grown = capacity(adding: added, expecting: expected)
    if grown > capacity { grow(to: grown) }
  }

  /// Appends `added` bytes. `fill` writes them: it gets exactly that many, uninitialized.
  public mutating func append(_ added: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
    guard added > 0 else { return }
    reserve(added)
    let tail = unsafe UnsafeMutableRawBufferPointer(start: base.map { unsafe $0 + count }, count: added)
    unsafe fill(tail)
    count += added
  }

  /// Appends a copy of `bytes`.
  public mutating func append(_ bytes: Span<UInt8>) {
    unsafe append(bytes.count) { tail in
      unsafe bytes.withUnsafeBytes { source in unsafe tail.copyMemory(from: source) }
    }
  }

  /// Appends `count` zeros in the place of missing bytes.
  public mutating func appendZeros(_ count: UInt64) {
    unsafe append(Int(clamping: count)) { tail in
      for index in tail.indices { unsafe tail[index] = 0 }
    }
  }

  /// Removes the bytes, and frees the memory if it is more than `limit` bytes.
  public mutating func clear(keeping limit: Int = 0) {
    count = 0
    if capacity > limit {
      unsafe free(base)
      unsafe base = nil
      capacity = 0
    }
  }

  /// Makes room for `added` more bytes.
  package mutating func reserve(_ added: Int) { reserve(added, expecting: 0) }

  private mutating func grow(to grown: Int) {
    guard let moved = unsafe realloc(base, grown) else { fatalError("out of memory for \(grown) bytes") }
    unsafe base = moved
    capacity = grown
  }
}
