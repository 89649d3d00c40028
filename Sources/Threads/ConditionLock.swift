import Glibc

/// A lock with a condition to wait for while holding it.
@safe package final class ConditionLock: Sendable {
  // Sendable: both are made for use by several threads, and neither moves while this object exists.
  private nonisolated(unsafe) let lock: UnsafeMutablePointer<pthread_mutex_t>
  private nonisolated(unsafe) let changed: UnsafeMutablePointer<pthread_cond_t>

  package init() {
    unsafe lock = .allocate(capacity: 1)
    unsafe pthread_mutex_init(lock, nil)
    unsafe changed = .allocate(capacity: 1)
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_cond_init(changed, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_mutex_destroy(lock)
    unsafe pthread_cond_destroy(changed)
    unsafe lock.deallocate()
    unsafe changed.deallocate()
  }

  /// Runs `body` with the lock held.
  package func locked<Result>(_ body: () -> Result) -> Result {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    return body()
  }

  /// Waits while `condition` holds; the lock must be held. The condition is checked after each `wake`.
  package func wait(while condition: () -> Bool) {
    while condition() { unsafe pthread_cond_wait(changed, lock) }
  }

  /// Waits no longer than `nanoseconds`. Returns whether the condition still holds.
  package func wait(nanoseconds: Int64, while condition: () -> Bool) -> Bool {
    let end = monotonicNanoseconds() + nanoseconds
    var until = timespec(tv_sec: Int(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
    var status: Int32 = 0
    while condition() && status == 0 { status = unsafe pthread_cond_timedwait(changed, lock, &until) }
    return condition()
  }

  /// Makes waiting threads check their conditions again.
  package func wake() { unsafe pthread_cond_broadcast(changed) }
}
