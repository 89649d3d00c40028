import Testing
import Threads

private final class Counter: @unchecked Sendable {
  var value = 0
}

@Suite struct ConditionLockTests {
  @Test func threadsTakeTurns() throws {
    let (monitor, counter) = (ConditionLock(), Counter())
    let threads = try (0..<4).map { _ in
      try WorkerThread {
        for _ in 0..<10_000 { monitor.locked { counter.value += 1 } }
      }
    }
    for thread in threads { thread.join() }
    #expect(counter.value == 40_000)
  }

  @Test func whoWaitsGoesOnWhenTheConditionHasChanged() throws {
    let (monitor, counter) = (ConditionLock(), Counter())
    let thread = try WorkerThread {
      monitor.locked {
        monitor.wait { counter.value == 0 }
        counter.value = 2
      }
    }
    monitor.locked { counter.value = 1 }
    monitor.wake()
    thread.join()
    #expect(counter.value == 2)
  }

  @Test func aWaitWithATimeEnds() {
    let monitor = ConditionLock()
    #expect(monitor.locked { monitor.wait(nanoseconds: 1_000_000) { true } })
    #expect(!monitor.locked { monitor.wait(nanoseconds: 1_000_000_000_000) { false } })
  }
}
