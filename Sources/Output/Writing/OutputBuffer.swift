import WireBytes

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where every format writes: bytes collect in one block of memory. When it is full, its whole lines go out by write(2), so that a
/// process that is killed leaves no half of a line; on `flush()`, all goes out. Without a descriptor they stay in memory and the block grows.
///
/// It is a raw cursor because an event consists of some thirty short pieces: 131–166 ns per event were measured, and
/// 560–760 ns with `[UInt8].append`. It cannot be copied, so it has one owner and never copies on write.
///
/// Nothing throws in the middle of a line. The buffer remembers a reader that went away (`| head`) or a full disk and drops
/// what follows; the caller asks once: `isClosed`, `failure`.
@safe public struct OutputBuffer: ~Copyable {
  private let descriptor: Int32?
  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  /// Bytes held: those not written yet, or all of them without a descriptor.
  public private(set) var count = 0
  /// The reader closed the pipe. That is no error: nobody wants the rest.
  public private(set) var isClosed = false
  /// The first error of write(2) other than a closed pipe.
  public private(set) var failure: OutputFailure?

  /// A buffer for an open file, which the caller closes. `isClosed` needs SIGPIPE to be ignored:
  /// `ignoreBrokenPipes()`.
  public init(descriptor: Int32, capacity: Int = 256 * 1024) {
    self.init(descriptor, capacity: capacity)
  }

  /// A buffer in memory that keeps everything: for lines that must be measured, parts of a document that must wait, and tests.
  public init() {
    self.init(nil, capacity: 256)
  }

  private init(_ descriptor: Int32?, capacity: Int) {
    self.descriptor = descriptor
    self.capacity = max(capacity, 64)
    unsafe base = .allocate(capacity: self.capacity)
  }

  // Does not flush: nobody could learn of an error any more.
  deinit { unsafe base.deallocate() }

  /// False once writing has failed or the reader has gone: the caller may stop producing.
  public var takesMore: Bool { !isClosed && failure == nil }

  /// Makes write(2) return EPIPE, and EFBIG beyond a limit of the shell's (ulimit -f), instead of ending the process.
  public static func ignoreBrokenPipes() {
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGXFSZ, SIG_IGN)
  }
}

// MARK: - Appending

extension OutputBuffer {
  /// Appends one byte.
  @inline(__always)
  public mutating func append(_ byte: UInt8) {
    unsafe room(for: 1).pointee = byte
    didWrite(1)
  }

  /// Appends text that is known at compile time: a few moves of constants.
  @inline(__always)
  public mutating func append(_ text: StaticString) {
    let length = text.utf8CodeUnitCount
    unsafe room(for: length).initialize(from: text.utf8Start, count: length)
    didWrite(length)
  }

  /// Appends a copy of the bytes. What is larger than the whole buffer is written without a copy.
  @inline(__always)
  public mutating func append(_ bytes: Span<UInt8>) {
    guard bytes.count <= capacity &- count else { return appendLarge(bytes) }
    unsafe bytes.withUnsafeBufferPointer { source in
      guard let start = source.baseAddress else { return }
      unsafe (base + count).initialize(from: start, count: source.count)
    }
    didWrite(bytes.count)
  }

  /// Appends a string's UTF-8.
  public mutating func append(utf8 text: String) {
    append(text.utf8.span)
  }

  /// Makes room for this many bytes: while they are appended, nothing is written out.
  @inline(__always)
  mutating func makeSure(ofRoom size: Int) { _ = unsafe room(for: size) }

  /// Appends a copy of a short range of what is held.
  @inline(__always)
  mutating func appendAgain(_ range: Range<Int>) {
    precondition(range.upperBound <= count)
    guard range.count <= capacity &- count else {
      // Making room moves what is held.
      return append(bytes.extracting(range).toArray().span)
    }
    unsafe (base + count).initialize(from: base + range.lowerBound, count: range.count)
    didWrite(range.count)
  }

  /// Appends the same byte `count` times: padding.
  public mutating func append(repeating byte: UInt8, count: Int) {
    guard count > 0 else { return }
    unsafe room(for: count).initialize(repeating: byte, count: count)
    didWrite(count)
  }

  @inline(never)
  private mutating func appendLarge(_ bytes: Span<UInt8>) {
    if let descriptor, bytes.count > capacity {
      flush()
      unsafe bytes.withUnsafeBufferPointer { source in unsafe send(source, to: descriptor) }
    } else {
      unsafe bytes.withUnsafeBufferPointer { source in
        guard let start = source.baseAddress else { return }
        unsafe room(for: source.count).initialize(from: start, count: source.count)
      }
      didWrite(bytes.count)
    }
  }
}

// MARK: - The cursor, for the files of this module that write digits and escapes

extension OutputBuffer {
  /// The cursor, with at least `size` writable bytes after it. It is valid until the next call on this buffer;
  /// `didWrite` says how many bytes were used.
  @inline(__always)
  mutating func room(for size: Int) -> UnsafeMutablePointer<UInt8> {
    if size > capacity &- count { makeRoom(for: size) }
    return unsafe base + count
  }

  /// Moves the cursor past bytes that were written at it.
  @inline(__always)
  mutating func didWrite(_ size: Int) {
    count &+= size
    assert(count <= capacity)
  }

  @inline(never)
  private mutating func makeRoom(for size: Int) {
    flushWholeLines()
    guard size > capacity - count else { return }
    let grown = max(count + size, capacity * 2)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: grown)
    unsafe moved.moveInitialize(from: base, count: count)
    unsafe base.deallocate()
    unsafe base = moved
    capacity = grown
  }
}

// MARK: - Leaving

extension OutputBuffer {
  /// Writes the bytes held; returns once the system has taken or refused them. Does nothing without a descriptor.
  public mutating func flush() {
    guard let descriptor, count > 0 else { return }
    unsafe send(UnsafeBufferPointer(start: base, count: count), to: descriptor)
    count = 0
  }

  /// Writes out the lines that are whole and keeps the rest; all where there is a line as long as the block.
  private mutating func flushWholeLines() {
    guard let descriptor, count > 0 else { return }
    let held = unsafe UnsafeBufferPointer(start: base, count: count)
    let whole = unsafe held.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? count
    unsafe send(UnsafeBufferPointer(rebasing: held[..<whole]), to: descriptor)
    count -= whole
    unsafe base.update(from: base + whole, count: count)
  }

  /// The bytes held, borrowed.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let span = unsafe Span<UInt8>(_unsafeStart: base, count: count)
      // Safe: the memory lives as long as self, which the caller borrows.
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// Forgets the bytes held.
  public mutating func removeAll() { count = 0 }

  private mutating func send(_ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32) {
    var sent = 0
    while sent < bytes.count, takesMore {
      guard let start = bytes.baseAddress else { return }
      let result = unsafe write(descriptor, start + sent, bytes.count - sent)
      if result >= 0 {
        sent += result
      } else {
        react(to: errno, on: descriptor)
      }
    }
  }

  private mutating func react(to error: Int32, on descriptor: Int32) {
    switch error {
    case EINTR:
      break
    case EAGAIN:
      // Another process may have made standard output non-blocking: wait, do not spin.
      var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      _ = unsafe poll(&ready, 1, -1)
    case EPIPE:
      isClosed = true
    default:
      failure = OutputFailure(code: error)
    }
  }
}

extension String {
  /// The text that `body` writes into a buffer in memory: for the few places that need a String.
  public init(writing body: (inout OutputBuffer) -> Void) {
    var buffer = OutputBuffer()
    body(&buffer)
    self = unsafe buffer.bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}
