import Glibc
import Synchronization

/// Whether somebody asked how it goes.
public enum StatusRequest {
  // Set by a signal handler, so it can be nothing but global.
  private static let requested = Atomic<Bool>(false)

  /// Asks. Safe in a signal handler.
  public static func request() { requested.store(true, ordering: .relaxed) }

  /// Whether it was asked since the last time.
  static func take() -> Bool { requested.exchange(false, ordering: .relaxed) }

  /// Makes SIGUSR1 ask.
  public static func handleSignal() {
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { _ in StatusRequest.request() }
    action.sa_flags = SA_RESTART
    unsafe sigaction(SIGUSR1, &action, nil)
    SignalHandling.unblock([SIGUSR1])
  }
}
