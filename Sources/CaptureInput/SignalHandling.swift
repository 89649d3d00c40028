import Files
import Glibc
import Synchronization

/// Whether the user asked for an orderly end, by Ctrl-C, SIGTERM or SIGHUP. Inputs check it where they wait and between two reads.
/// What was read by then is analyzed and reported.
public enum SignalHandling {
  // Global because a signal handler sets them.
  private static let requested = Atomic<Bool>(false)
  /// When the first signal came, in nanoseconds of the monotonic clock; 0 before.
  private static let firstTime = Atomic<Int64>(0)

  /// The two ends of a pipe that gets a byte with the request, which nobody takes out: whatever waits, waits for that too. So no
  /// request is missed that comes between a look at `isRequested` and the waiting, or to another thread. -1 before signals are handled.
  private static let requestSeen = Atomic<Int32>(-1)
  private static let requestMade = Atomic<Int32>(-1)

  /// What the handler does first; set before the handlers are.
  private nonisolated(unsafe) static var before: (@convention(c) () -> Void)?

  /// Whether Ctrl-C is not for this process: a shell without job control starts what runs in the background so.
  private static let ignoresTerminal = Atomic<Bool>(false)

  /// A signal that comes again within this time, in nanoseconds, is the same request: timeout(1) sends one to the process and one to
  /// its group, and a terminal that closes sends several. Later a person has lost patience.
  private static let sameRequest: Int64 = 1_000_000_000

  /// Whether the run is to end.
  public static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Readable once the end was asked for: to be waited for with poll(2). -1, which poll(2) ignores, without signals.
  static var descriptor: Int32 { requestSeen.load(ordering: .relaxed) }

  /// Asks for the end. Safe in a signal handler.
  public static func request() {
    requested.store(true, ordering: .relaxed)
    var byte: UInt8 = 0
    // It does not block: a full pipe says what is to be said.
    _ = unsafe write(requestMade.load(ordering: .relaxed), &byte, 1)
  }

  /// Waits until there is something to read from `descriptor`, or its end, until the end of the run is asked for, or until the time is
  /// over; -1 is no descriptor, and no limit of time.
  static func wait(toRead descriptor: Int32, milliseconds: Int32 = -1) {
    unsafe withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 2) { waiting in
      unsafe waiting.initializeElement(at: 0, to: pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
      unsafe waiting.initializeElement(
        at: 1, to: pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0))
      // Other signals interrupt it, too.
      while unsafe poll(waiting.baseAddress, 2, milliseconds) < 0, errno == EINTR {}
    }
  }

  // MARK: Signals

  /// Makes SIGINT, SIGTERM and SIGHUP ask for the end. One that comes more than a second after the first ends the process at once.
  ///
  /// SIGTERM and SIGHUP stay ignored where they are (nohup(1)). SIGINT stays ignored there as far as it comes from the terminal: a
  /// script's processes in the background ignore Ctrl-C, but who sends a signal to this process means it.
  ///
  /// `body` is called in the handler first.
  public static func handleSignals(first body: (@convention(c) () -> Void)? = nil) {
    preparePipe()
    unsafe before = body
    if isIgnored(SIGINT) { ignoresTerminal.store(true, ordering: .relaxed) }
    let numbers = [SIGINT] + [SIGTERM, SIGHUP].filter { !isIgnored($0) }
    for number in numbers {
      var action = sigaction()
      unsafe action.__sigaction_handler.sa_sigaction = { number, info, _ in
        SignalHandling.received(number, unsafe info?.pointee.si_code ?? 0)
      }
      // Without SA_RESTART a call that blocks returns.
      action.sa_flags = SA_SIGINFO
      unsafe sigaction(number, &action, nil)
    }
    unblock(numbers)
  }

  private static func preparePipe() {
    guard descriptor < 0 else { return }
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { return }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    requestMade.store(ends[1], ordering: .relaxed)
    requestSeen.store(ends[0], ordering: .relaxed)
  }

  /// Whether the signal is ignored, as SIGHUP is under nohup.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard unsafe sigaction(number, nil, &action) == 0 else { return false }
    let handler = unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
    // SIG_IGN, which is a cast of 1 to a function in C.
    return handler == 1
  }

  /// What the handler does with a signal: nothing but what signal-safety(7) allows. A code above 0 is the kernel's, as for the signals
  /// of a terminal.
  private static func received(_ number: Int32, _ code: Int32) {
    if number == SIGINT, code > 0, ignoresTerminal.load(ordering: .relaxed) { return }
    let error = errno
    defer { errno = error }
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    let now = Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    if let before = unsafe before { before() }
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
