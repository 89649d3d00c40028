import Glibc

/// A thread that runs one function.
package struct WorkerThread {
  private let thread: pthread_t

  /// Starts it; throws when the system gives no more threads, and says why.
  package init(_ body: @escaping @Sendable () -> Void) throws(ThreadFailure) {
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(Body(run: body)).toOpaque()
    let status = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context)
    guard status == 0 else {
      unsafe Unmanaged<Body>.fromOpaque(context).release()
      throw ThreadFailure(
        description: "no thread can be started: \(unsafe String(cString: strerror(status)))")
    }
    self.thread = thread
  }

  /// Waits for its end, once.
  package func join() { pthread_join(thread, nil) }

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(run: @escaping @Sendable () -> Void) { self.run = run }
  }
}
