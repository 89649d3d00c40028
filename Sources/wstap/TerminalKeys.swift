import CaptureInput
import Glibc
import Synchronization

/// Makes a key on the terminal count at once, without Enter, and puts the terminal back as it was: at the end, on
/// every signal that ends or stops the process, and when it fails.
enum TerminalKeys {
  // Read by signal handlers, so they can be nothing but global; written before those are installed.
  private nonisolated(unsafe) static let original = UnsafeMutablePointer<termios>.allocate(capacity: 1)
  private nonisolated(unsafe) static let changed = UnsafeMutablePointer<termios>.allocate(capacity: 1)
  private static let isChanged = Atomic<Bool>(false)

  private static let input: Int32 = 0

  /// Whether keys are for this process. Behind a pipe is a pager mostly, which reads the keys and sets the terminal
  /// by itself.
  static var areOurs: Bool {
    guard isatty(input) == 1, tcgetpgrp(input) == getpgrp() else { return false }
    var status = stat()
    return unsafe fstat(StandardOutput.descriptor, &status) == 0 && status.st_mode & S_IFMT != S_IFIFO
  }

  /// Begins, if the keys are ours.
  static func begin() {
    guard areOurs, unsafe tcgetattr(input, original) == 0 else { return }
    unsafe changed.pointee = original.pointee
    // Ctrl-C and Ctrl-Z stay what they are.
    unsafe changed.pointee.c_lflag &= ~tcflag_t(ICANON | ECHO)
    atexit { TerminalKeys.end() }
    handleSignals()
    set()
  }

  /// Puts the terminal back. Safe in a signal handler, and as often as one likes.
  static func end() {
    guard isChanged.exchange(false, ordering: .relaxed) else { return }
    unsafe tcsetattr(input, TCSANOW, original)
  }

  private static func set() {
    // A process in the background that sets the terminal is stopped.
    guard tcgetpgrp(input) == getpgrp() else { return }
    isChanged.store(true, ordering: .relaxed)
    unsafe tcsetattr(input, TCSANOW, changed)
  }

  private static func handleSignals() {
    // SA_RESETHAND is the highest bit of an int: what comes next does what it does by default.
    let once = Int32(bitPattern: 0x8000_0000)
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) {
      handle(number, once) { _ in
        TerminalKeys.end()
        SignalHandling.request()
      }
    }
    for number in [SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE] {
      handle(number, once | SA_NODEFER) { number in
        TerminalKeys.end()
        raise(number)
      }
    }
    handle(SIGTSTP, 0) { _ in
      TerminalKeys.end()
      raise(SIGSTOP)
    }
    handle(SIGCONT, SA_RESTART) { _ in TerminalKeys.set() }
  }

  private static func handle(
    _ number: Int32, _ flags: Int32, _ handler: @escaping @convention(c) (Int32) -> Void
  ) {
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = handler
    action.sa_flags = flags
    unsafe sigaction(number, &action, nil)
  }

  /// As nohup leaves SIGHUP.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard unsafe sigaction(number, nil, &action) == 0 else { return false }
    // SIG_IGN is the address 1, which Swift cannot name as a function.
    return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }
}
