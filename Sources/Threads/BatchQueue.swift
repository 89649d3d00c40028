import Glibc

/// Batches that go from a thread that fills them to a thread that empties them, and back to be filled again.
///
/// The filling thread waits when there is no empty batch, or when the full ones are large together. It is woken only when
/// half of them are done, because waking a thread costs more than filling a batch.
package final class BatchQueue<Batch: AnyObject>: @unchecked Sendable {
  // @unchecked: every field is accessed with the lock held, and a batch belongs to the thread that took it.
  private let lock = ConditionLock()
  private var empty: [Batch]
  private var full: [(batch: Batch, bytes: Int)] = []
  private let batches: Int
  /// Bytes in `full`: of large batches only a few may wait at a time.
  private var bytesAhead = 0
  private let mostBytes: Int
  private var fillerWaits = false
  private var emptierWaits = false
  /// Batches that were put and have not been handed back.
  private var underway = 0
  private var hasEnded = false
  private var isAbandoned = false

  /// A queue with these batches, all of them empty. `mostBytes` limits the bytes that wait.
  package init(_ batches: [Batch], mostBytes: Int) {
    (empty, self.batches, self.mostBytes) = (batches, batches.count, mostBytes)
  }

  /// Whether there is a processor for a second thread.
  package static var isOfUse: Bool { sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 }

  // MARK: The thread that fills

  /// An empty batch; nil when the queue was abandoned.
  package func takeEmpty() -> Batch? {
    lock.locked {
      if empty.isEmpty || bytesAhead > mostBytes {
        fillerWaits = true
        lock.wait { !mayGoOn && !isAbandoned }
        fillerWaits = false
      }
      return isAbandoned ? nil : empty.removeLast()
    }
  }

  private var mayGoOn: Bool {
    empty.count >= max(1, batches / 2) && bytesAhead <= mostBytes / 2 || full.isEmpty && !empty.isEmpty
  }

  /// Hands over a full batch that holds `bytes`. `isLast` says that nothing follows.
  package func put(_ batch: Batch, bytes: Int, isLast: Bool = false) {
    lock.locked {
      full.append((batch, bytes))
      bytesAhead += bytes
      underway += 1
      hasEnded = isLast
      if emptierWaits { lock.wake() }
    }
  }

  /// Waits until every batch that was put has been handed back.
  package func waitUntilDone() {
    lock.locked {
      fillerWaits = true
      lock.wait { underway > 0 && !isAbandoned }
      fillerWaits = false
    }
  }

  // MARK: The thread that empties

  /// The next full batch; nil when there are no more. `done` is the previous one, which can be filled again.
  package func takeFull(after done: Batch?) -> Batch? {
    lock.locked {
      if let done {
        empty.append(done)
        underway -= 1
        wakeFiller()
      }
      emptierWaits = true
      lock.wait { full.isEmpty && !hasEnded }
      emptierWaits = false
      if full.isEmpty { return nil }
      let (batch, bytes) = full.removeFirst()
      bytesAhead -= bytes
      wakeFiller()
      return batch
    }
  }

  private func wakeFiller() {
    if fillerWaits, mayGoOn || underway == 0 { lock.wake() }
  }

  /// Says that no more batches are taken, so that the filling thread stops.
  package func abandon() {
    lock.locked {
      isAbandoned = true
      lock.wake()
    }
  }

  /// Bytes that wait, once the filling thread waits, too. For tests.
  package var settledBytesAhead: Int? { lock.locked { fillerWaits ? bytesAhead : nil } }
}
