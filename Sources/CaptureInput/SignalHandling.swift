import Files
import Glibc
import Synchronization

/// Whether the user asked for an orderly end, by Ctrl-C, SIGTERM or SIGHUP. Inputs check it where they wait and between two reads.
/// What was read by then is analyzed and reported.
public enum SignalHandling {
  // Global because a signal handler sets both.
  private static let requested = Atomic<Bool>(false)
  /// When the first signal came, in nanoseconds of the monotonic clock; 0 before.
  private static let firstTime = Atomic<Int64>(0)

  /// A signal that comes again within this time, in nanoseconds, is the same request: timeout(1) sends one to the process and one to
  /// its group, and a terminal that closes sends several. Later a person has lost patience.
  private static let sameRequest: Int64 = 1_000_000_000

  /// Whether the run is to end.
  public static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Asks for the end. Safe in a signal handler.
  public static func request() { requested.store(true, ordering: .relaxed) }

  /// Makes SIGINT, SIGTERM and SIGHUP ask for the end. One that comes more than a second after the first ends the process at once.
  ///
  /// SIGHUP stays ignored where it is (nohup(1)).
  public static func handleSignals() {
    var numbers = [SIGINT, SIGTERM]
    if !isIgnored(SIGHUP) { numbers.append(SIGHUP) }
    for number in numbers {
      var action = sigaction()
      unsafe action.__sigaction_handler.sa_handler = { SignalHandling.received($0) }
      // Without SA_RESTART a blocking read returns.
      action.sa_flags = 0
      unsafe sigaction(number, &action, nil)
    }
    unblock(numbers)
  }

  /// Whether the signal is ignored, as SIGHUP is under nohup.
  public static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard unsafe sigaction(number, nil, &action) == 0 else { return false }
    let handler = unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
    // SIG_IGN, which is a cast of 1 to a function in C.
    return handler == 1
  }

  /// What a handler does with a signal that asks for the end: nothing but what signal-safety(7) allows.
  public static func received(_ number: Int32) {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    let now = Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    request()
    let first = firstTime.compareExchange(expected: 0, desired: now, ordering: .relaxed)
    guard !first.exchanged, now &- first.original > sameRequest else { return }
    UnfinishedFile.settle()
    // Delivered when the handler has returned.
    _ = signal(number, SIG_DFL)
    raise(number)
  }

  /// Unblocks signals that were blocked when the process started, as test runners and supervisors may do.
  static func unblock(_ numbers: [Int32]) {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in numbers { unsafe sigaddset(&signals, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
