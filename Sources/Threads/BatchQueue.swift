import Glibc

/// Batches that go from a thread that fills them to one that empties them, and back to be filled again.
///
/// The one that fills waits when there is no empty batch, or when the full ones are large together; it is woken only when
/// half of them are done, because waking a thread costs more than filling a batch.
package final class BatchQueue<Batch: AnyObject>: @unchecked Sendable {
  // @unchecked: every field is touched with the lock held, and a batch belongs to whoever took it.
  private let monitor = ConditionLock()
  private var empty: [Batch]
  private var full: [(batch: Batch, bytes: Int)] = []
  private let batches: Int
  /// Bytes in `full`. Few batches that have many are to wait at a time.
  private var bytesAhead = 0
  private let mostBytes: Int
  private var fillerWaits = false
  private var emptierWaits = false
  /// Batches that were put and not handed back.
  private var underway = 0
  private var hasEnded = false
  private var isAbandoned = false

  /// A queue of these batches, which are empty.
  package init(_ batches: [Batch], mostBytes: Int) {
    (empty, self.batches, self.mostBytes) = (batches, batches.count, mostBytes)
  }

  /// Whether there is a processor for a second thread.
  package static var isOfUse: Bool { sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 }

  // MARK: The thread that fills

  /// An empty batch; nil when nobody takes full ones any more.
  package func takeEmpty() -> Batch? {
    monitor.locked {
      if empty.isEmpty || bytesAhead > mostBytes {
        fillerWaits = true
        monitor.wait { !mayGoOn && !isAbandoned }
        fillerWaits = false
      }
      return isAbandoned ? nil : empty.removeLast()
    }
  }

  private var mayGoOn: Bool {
    empty.count >= max(1, batches / 2) && bytesAhead <= mostBytes / 2 || full.isEmpty && !empty.isEmpty
  }

  /// Hands over a full batch with so many bytes. `isLast`: nothing follows.
  package func put(_ batch: Batch, bytes: Int, isLast: Bool = false) {
    monitor.locked {
      full.append((batch, bytes))
      bytesAhead += bytes
      underway += 1
      hasEnded = isLast
      if emptierWaits { monitor.wake() }
    }
  }

  /// Waits until every batch that was put has been handed back.
  package func waitUntilDone() {
    monitor.locked {
      fillerWaits = true
      monitor.wait { underway > 0 && !isAbandoned }
      fillerWaits = false
    }
  }

  // MARK: The thread that empties

  /// The next full batch; nil when there are no more. `done` is the one before.
  package func takeFull(after done: Batch?) -> Batch? {
    monitor.locked {
      if let done {
        empty.append(done)
        underway -= 1
        wakeFiller()
      }
      emptierWaits = true
      monitor.wait { full.isEmpty && !hasEnded }
      emptierWaits = false
      if full.isEmpty { return nil }
      let (batch, bytes) = full.removeFirst()
      bytesAhead -= bytes
      wakeFiller()
      return batch
    }
  }

  private func wakeFiller() {
    if fillerWaits, mayGoOn || underway == 0 { monitor.wake() }
  }

  /// Takes no more: whoever fills batches may stop.
  package func abandon() {
    monitor.locked {
      isAbandoned = true
      monitor.wake()
    }
  }

  /// Bytes that wait, once the thread that fills waits, too; for tests.
  package var settledBytesAhead: Int? { monitor.locked { fillerWaits ? bytesAhead : nil } }
}
