import Glibc
import Synchronization

/// Whether the user asked for an orderly end, by Ctrl-C or SIGTERM while a pipe, a growing file or an interface is read.
/// Inputs check it where they wait. What was read by then is analyzed and reported.
public enum SignalHandling {
  // Global because a signal handler sets it.
  private static let requested = Atomic<Bool>(false)

  /// Whether the run is to end.
  public static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Asks for the end. Safe in a signal handler.
  public static func request() { requested.store(true, ordering: .relaxed) }

  /// Makes SIGINT and SIGTERM ask for the end. A second signal ends the process at once.
  public static func handleSignals() {
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      unsafe action.__sigaction_handler.sa_handler = { _ in SignalHandling.request() }
      // SA_RESETHAND, which is the highest bit of an int. Without SA_RESTART a blocking read returns.
      action.sa_flags = Int32(bitPattern: 0x8000_0000)
      unsafe sigaction(number, &action, nil)
    }
    unblock([SIGINT, SIGTERM])
  }

  /// Unblocks signals that were blocked when the process started, as test runners and supervisors may do.
  static func unblock(_ numbers: [Int32]) {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in numbers { unsafe sigaddset(&signals, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
