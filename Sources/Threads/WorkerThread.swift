import Glibc

/// A thread that runs one function.
package struct WorkerThread {
  private let thread: pthread_t

  /// Starts the thread. Throws when the system cannot start another one.
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
        description: "cannot start a thread: \(unsafe String(cString: strerror(status)))")
    }
    self.thread = thread
  }

  /// Waits until the thread has ended. To be called once.
  package func join() { pthread_join(thread, nil) }

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(run: @escaping @Sendable () -> Void) { self.run = run }
  }
}
