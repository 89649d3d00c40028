import CaptureInput
import Glibc
import PacketLayers
import StreamReassembly
import WireBytes

/// Reads a capture and its packets' headers on a thread of its own, some batches ahead of the thread that analyzes
/// them (docs/decisions/0006-one-thread.md).
@safe final class ReadAhead: @unchecked Sendable {
  // @unchecked: `source` and `end` belong to the thread from `init` to `finish`; a batch to whoever took it; the rest is
  // touched with the lock held.
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>
  private var full: [DecodedBatch] = []
  private var empty: [DecodedBatch]
  private var readerWaits = false
  private static let batches = 16
  /// Payloads in `full`. A capture may have packets of many megabytes, of which few are to wait at a time.
  private var bytesAhead = 0
  static let mostAhead = 8 << 20
  private var hasEnded = false
  private var isAbandoned = false

  private var source: PacketSource?
  private var end: PacketSource.End?
  private var thread: pthread_t?

  /// Whether there is a processor for the thread.
  static var isOfUse: Bool { sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 }

  /// Begins to read.
  init(_ source: consuming PacketSource, seed: HashSeed) {
    self.source = consume source
    empty = (0..<Self.batches).map { _ in DecodedBatch(seed: seed) }
    unsafe lock = .allocate(capacity: 1)
    unsafe pthread_mutex_init(lock, nil)
    unsafe changed = .allocate(capacity: 1)
    unsafe pthread_cond_init(changed, nil)
    start()
  }

  private func start() {
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(self).toOpaque()
    let status = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<ReadAhead>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context)
    if status == 0 {
      self.thread = thread
    } else {
      unsafe Unmanaged<ReadAhead>.fromOpaque(context).release()
    }
  }

  deinit {
    unsafe pthread_mutex_destroy(lock)
    unsafe pthread_cond_destroy(changed)
    unsafe lock.deallocate()
    unsafe changed.deallocate()
  }

  // MARK: The thread that analyzes

  /// The next batch; nil when there are no more. `done` is the one before.
  func next(_ done: DecodedBatch?) -> DecodedBatch? {
    if thread == nil { return readHere(done) }
    return locked {
      if let done {
        empty.append(done)
        if readerWaits, readerMayGoOn { unsafe pthread_cond_broadcast(changed) }
      }
      while full.isEmpty && !hasEnded { unsafe pthread_cond_wait(changed, lock) }
      if full.isEmpty { return nil }
      let batch = full.removeFirst()
      bytesAhead -= batch.payloadBytes
      if readerWaits, readerMayGoOn { unsafe pthread_cond_broadcast(changed) }
      return batch
    }
  }

  /// Reads on the same thread, because no other could be made.
  private func readHere(_ done: DecodedBatch?) -> DecodedBatch? {
    guard !hasEnded, var source = source.take() else { return nil }
    let batch = done ?? empty.removeLast()
    hasEnded = !Self.fill(batch, &source)
    self.source = consume source
    return batch
  }

  /// Stops reading, if it goes on, and waits for the thread. Nil when that was done before.
  func finish() -> PacketSource.End? {
    locked {
      isAbandoned = true
      unsafe pthread_cond_broadcast(changed)
    }
    if let thread { pthread_join(thread, nil) }
    thread = nil
    defer { end = nil }
    if var source = source.take() { return source.finish() }
    return end
  }

  // MARK: The thread that reads

  private func run() {
    guard var source = source.take() else { return }
    var goesOn = true
    while goesOn, let batch = takeEmpty() {
      goesOn = Self.fill(batch, &source)
      locked {
        full.append(batch)
        bytesAhead += batch.payloadBytes
        hasEnded = !goesOn
        unsafe pthread_cond_broadcast(changed)
      }
    }
    end = source.finish()
  }

  private func takeEmpty() -> DecodedBatch? {
    locked {
      if empty.isEmpty || bytesAhead > Self.mostAhead {
        readerWaits = true
        while !readerMayGoOn && !isAbandoned { unsafe pthread_cond_wait(changed, lock) }
        readerWaits = false
      }
      return isAbandoned ? nil : empty.removeLast()
    }
  }

  /// Not for each batch that is done: waking a thread costs more than reading one.
  private var readerMayGoOn: Bool {
    empty.count >= Self.batches / 2 && bytesAhead <= Self.mostAhead / 2 || full.isEmpty && !empty.isEmpty
  }

  /// Payload bytes that wait, once the reader does; for tests.
  var settledBytesAhead: Int? { locked { readerWaits ? bytesAhead : nil } }

  /// False at the end of the input.
  private static func fill(_ batch: DecodedBatch, _ source: inout PacketSource) -> Bool {
    batch.clear()
    defer { batch.progress = source.reader.progress }
    while !batch.isFull {
      guard source.advance() else { return false }
      let record = source.reader.record
      guard source.isSupported else {
        batch.append(unsupported: record)
        continue
      }
      batch.append(
        source.reader.bytes, record.number, record.time, record.originalLength, through: &source.decoder)
      if !batch.isFull { fillInBlock(batch, &source.reader, &source.decoder) }
    }
    return true
  }

  private static func fillInBlock(
    _ batch: DecodedBatch, _ reader: inout CaptureReader, _ decoder: inout PacketDecoder
  ) {
    reader.forEachInBlock { bytes, number, time, originalLength in
      batch.append(bytes, number, time, originalLength, through: &decoder)
      return !batch.isFull
    }
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    return body()
  }
}
