import Threads

/// The bounded buffer between capturing and decoding: bytes of a capture file, written by one thread and read by
/// another.
///
/// When it is full the writer waits, and the kernel's own buffer takes what comes meanwhile: so only the kernel ever
/// drops a packet, and it counts each one.
@safe package final class LiveRing: ByteSource, @unchecked Sendable {
  // @unchecked: every field is touched with the lock held; the bytes between `first` and `first + count` belong to
  // the reader, the others to the writer, each of whom is one thread.
  private let monitor = ConditionLock()
  private let bytes: UnsafeMutableRawBufferPointer
  private var first = 0
  private var count = 0
  private var hasEnded = false
  private var isAbandoned = false
  private var waits = Waits()

  /// How often the writer had to wait for the reader, and how long in all.
  package struct Waits {
    package var times: UInt64 = 0
    package var nanoseconds: Int64 = 0
  }

  package init(capacity: Int) {
    unsafe bytes = .allocate(byteCount: capacity, alignment: 4096)
  }

  deinit { unsafe bytes.deallocate() }

  /// Bytes that wait to be read, of how many there is room for, and how often the writer had to wait.
  package var state: (waiting: Int, capacity: Int, waits: Waits) {
    locked { (count, unsafe bytes.count, waits) }
  }

  // MARK: The writer

  /// Puts bytes in, waiting for room; `whileWaiting` is called ten times a second meanwhile. False when nobody reads
  /// any more.
  package func write(_ added: UnsafeRawBufferPointer, whileWaiting: () -> Void = {}) -> Bool {
    var rest = unsafe added
    while unsafe !rest.isEmpty {
      guard let room = waitForRoom(whileWaiting) else { return false }
      let part = min(rest.count, room.count)
      unsafe bytes[room.lowerBound..<room.lowerBound + part].copyBytes(from: rest.prefix(part))
      unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part))
      locked { count += part }
      monitor.wake()
    }
    return true
  }

  /// Nothing follows.
  package func end() {
    locked { hasEnded = true }
    monitor.wake()
  }

  /// A range of the buffer that may be written; nil when nobody reads any more.
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

  /// Waits up to 100 ms for room, with the lock held; whether there is some.
  private func hasRoomSoon() -> Bool {
    !monitor.wait(nanoseconds: 100_000_000) { isFull }
  }

  // MARK: The reader

  /// Takes what is there; waits while there is nothing. 0 at the end.
  package func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let range: Range<Int> = locked {
      monitor.wait { count == 0 && !hasEnded }
      return unsafe first..<min(first + min(count, buffer.count), bytes.count)
    }
    unsafe buffer.copyBytes(from: bytes[range])
    locked {
      unsafe first = range.upperBound % bytes.count
      count -= range.count
    }
    monitor.wake()
    return range.count
  }

  /// The reader has gone: the writer must not wait for it.
  package func abandon() {
    locked { isAbandoned = true }
    monitor.wake()
  }

  private func locked<Result>(_ body: () -> Result) -> Result { monitor.locked(body) }
}
