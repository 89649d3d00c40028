import Threads

/// The bounded buffer between capturing and decoding: the bytes of a capture file, written by one thread and read by
/// another.
///
/// When it is full the writer waits, and meanwhile packets go to the kernel's buffer. So only the kernel ever drops
/// packets, and it counts them.
@safe package final class LiveRing: ByteSource, @unchecked Sendable {
  // @unchecked: every field is accessed with the lock held. The bytes from `first` to `first + count` belong to the
  // reader and the others to the writer, each of which is one thread.
  private let lock = ConditionLock()
  private let bytes: UnsafeMutableRawBufferPointer
  private var first = 0
  private var count = 0
  private var hasEnded = false
  private var isAbandoned = false
  private var waits = Waits()

  /// How often the writer had to wait for the reader, and for how long in total.
  package struct Waits {
    package var times: UInt64 = 0
    package var nanoseconds: Int64 = 0
  }

  package init(capacity: Int) {
    unsafe bytes = .allocate(byteCount: capacity, alignment: 4096)
  }

  deinit { unsafe bytes.deallocate() }

  /// Bytes waiting to be read, the buffer's size in bytes, and how often the writer had to wait.
  package var state: (waiting: Int, capacity: Int, waits: Waits) {
    locked { (count, unsafe bytes.count, waits) }
  }

  // MARK: The writer

  /// Adds bytes, and waits for room. While it waits it calls `whileWaiting` ten times a second. False when the reader has
  /// gone.
  package func write(_ added: UnsafeRawBufferPointer, whileWaiting: () -> Void = {}) -> Bool {
    var rest = unsafe added
    while unsafe !rest.isEmpty {
      guard let room = waitForRoom(whileWaiting) else { return false }
      let part = min(rest.count, room.count)
      unsafe bytes[room.lowerBound..<room.lowerBound + part].copyBytes(from: rest.prefix(part))
      unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part))
      locked { count += part }
      lock.wake()
    }
    return true
  }

  /// Says that nothing follows.
  package func end() {
    locked { hasEnded = true }
    lock.wake()
  }

  /// A range of the buffer that may be written; nil when the reader has gone.
  private func waitForRoom(_ whileWaiting: () -> Void) -> Range<Int>? {
    if locked({ isFull }) {
      let start = monotonicNanoseconds()
      while locked({ !hasRoomSoon() }) { whileWaiting() }
      locked {
        waits.times += 1
        waits.nanoseconds += monotonicNanoseconds() - start
      }
    }
    return locked {
      if isAbandoned { return nil }
      let start = unsafe (first + count) % bytes.count
      return unsafe start..<(start < first ? first : bytes.count)
    }
  }

  private var isFull: Bool { unsafe count == bytes.count && !isAbandoned }

  /// Waits up to 100 ms for room, with the lock held; returns whether there is some.
  private func hasRoomSoon() -> Bool {
    !lock.wait(nanoseconds: 100_000_000) { isFull }
  }

  // MARK: The reader

  /// Reads what is available, and waits while there is nothing. Returns the number of bytes, 0 at the end.
  package func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let range: Range<Int> = locked {
      lock.wait { count == 0 && !hasEnded }
      return unsafe first..<min(first + min(count, buffer.count), bytes.count)
    }
    unsafe buffer.copyBytes(from: bytes[range])
    locked {
      unsafe first = range.upperBound % bytes.count
      count -= range.count
    }
    lock.wake()
    return range.count
  }

  /// Says that the reader has gone, so that the writer does not wait for it.
  package func abandon() {
    locked { isAbandoned = true }
    lock.wake()
  }

  private func locked<Result>(_ body: () -> Result) -> Result { lock.locked(body) }
}
