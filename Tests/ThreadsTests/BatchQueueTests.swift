import Testing
import Threads

/// Numbers on their way.
private final class Numbers: @unchecked Sendable {
  var values: [Int] = []
}

@Suite("Batches between two threads")
struct BatchQueueTests {
  private static func queue(_ count: Int, mostBytes: Int = .max) -> BatchQueue<Numbers> {
    BatchQueue((0..<count).map { _ in Numbers() }, mostBytes: mostBytes)
  }

  /// Puts the numbers below `count`, some in a batch of which the sizes go round.
  private static func fill(_ queue: BatchQueue<Numbers>, _ count: Int, bytes: Int = 1) {
    var next = 0
    while next < count, let batch = queue.takeEmpty() {
      batch.values = Array(next..<min(count, next + 1 + next % 7))
      next += batch.values.count
      queue.put(batch, bytes: bytes, isLast: next == count)
    }
  }

  @Test("Batches come in order, whichever thread is faster", arguments: [1, 2, 3, 16], [0, 1, 2])
  func order(batches: Int, slower: Int) throws {
    let queue = Self.queue(batches, mostBytes: 5)
    let count = slower == 0 ? 20_000 : 300
    let thread = try WorkerThread {
      if slower == 1 { Self.pause() }
      Self.fill(queue, count, bytes: 2)
    }
    var seen: [Int] = []
    var batch: Numbers?
    while let next = queue.takeFull(after: batch) {
      if slower == 2 { Self.pause() }
      seen += next.values
      batch = next
    }
    thread.join()
    let isWhole = seen == Array(0..<count)
    #expect(isWhole, "\(seen.count) of \(count)")
  }

  private static func pause() {
    let monitor = ConditionLock()
    _ = monitor.locked { monitor.wait(nanoseconds: 1_000_000) { true } }
  }

  @Test func whoeverFillsStopsWhenNobodyTakesMore() throws {
    let queue = Self.queue(4)
    let thread = try WorkerThread { Self.fill(queue, 1_000_000) }
    let first = queue.takeFull(after: nil)
    #expect(first?.values == [0])
    queue.abandon()
    thread.join()
  }

  @Test("Few large batches wait at a time")
  func bytes() throws {
    let queue = Self.queue(16, mostBytes: 100)
    let thread = try WorkerThread { Self.fill(queue, 10_000, bytes: 40) }
    var settled: Int?
    while settled == nil { settled = queue.settledBytesAhead }
    // One more than the limit lets begin.
    #expect(try #require(settled) == 120)
    queue.abandon()
    thread.join()
  }

  @Test func waitingUntilAllIsDoneWaitsForTheLastOne() throws {
    let queue = Self.queue(4)
    let done = Numbers()
    let thread = try WorkerThread {
      var batch: Numbers?
      while let next = queue.takeFull(after: batch) {
        Self.pause()
        done.values += next.values
        batch = next
      }
    }
    for round in 0..<20 {
      for value in 0..<3 {
        let batch = try #require(queue.takeEmpty())
        batch.values = [round * 3 + value]
        queue.put(batch, bytes: 0)
      }
      queue.waitUntilDone()
      #expect(done.values == Array(0..<(round + 1) * 3))
    }
    queue.put(Numbers(), bytes: 0, isLast: true)
    thread.join()
  }
}
