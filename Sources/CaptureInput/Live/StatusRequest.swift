import Glibc
import Synchronization

/// Whether the user asked for the status of the capture.
public enum StatusRequest {
  // Global because a signal handler sets it.
  private static let requested = Atomic<Bool>(false)

  /// Asks for the status. Safe in a signal handler.
  public static func request() { requested.store(true, ordering: .relaxed) }

  /// Whether the status was asked for since the last call.
  static func take() -> Bool { requested.exchange(false, ordering: .relaxed) }

  /// Makes SIGUSR1 ask for the status.
  public static func handleSignal() {
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { _ in StatusRequest.request() }
    action.sa_flags = SA_RESTART
    unsafe sigaction(SIGUSR1, &action, nil)
    SignalHandling.unblock([SIGUSR1])
  }
}
