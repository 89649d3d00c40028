import Glibc
import Synchronization

/// Whether somebody asked the run to end in order: Ctrl-C or SIGTERM while a pipe, a growing file or an
/// interface is read. Inputs look at it where they wait; what was read is then analyzed and reported.
public enum SignalHandling {
  // Set by a signal handler, so it can be nothing but global.
  private static let requested = Atomic<Bool>(false)

  /// Whether the run is to end.
  public static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Asks for the end. Safe in a signal handler.
  public static func request() { requested.store(true, ordering: .relaxed) }

  /// Makes SIGINT and SIGTERM ask for the end. The second one ends the process at once.
  public static func handleSignals() {
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      unsafe action.__sigaction_handler.sa_handler = { _ in SignalHandling.request() }
      // SA_RESETHAND is the highest bit of an int; without SA_RESTART a read that waits returns.
      action.sa_flags = Int32(bitPattern: 0x8000_0000)
      unsafe sigaction(number, &action, nil)
    }
    unblock([SIGINT, SIGTERM])
  }

  /// Lets signals through that the process was started with blocked, as test runners and supervisors may do.
  static func unblock(_ numbers: [Int32]) {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in numbers { unsafe sigaddset(&signals, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
