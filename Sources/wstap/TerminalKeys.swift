import CaptureInput
import Files
import Glibc
import Synchronization

/// Lets keys on the terminal take effect without Enter, and restores the terminal at the end, on every signal that ends or
/// stops the process, and when it crashes.
enum TerminalKeys {
  // Signal handlers read them, so they have to be global; they are written before the handlers are installed.
  private nonisolated(unsafe) static let original = UnsafeMutablePointer<termios>.allocate(capacity: 1)
  private nonisolated(unsafe) static let changed = UnsafeMutablePointer<termios>.allocate(capacity: 1)
  private static let isChanged = Atomic<Bool>(false)

  private static let input: Int32 = 0

  /// Whether keys are for this process. If the output is a pipe, its reader is usually a pager, which reads the keys and
  /// changes the terminal itself.
  static var areOurs: Bool {
    guard isatty(input) == 1, tcgetpgrp(input) == getpgrp() else { return false }
    var status = stat()
    return unsafe fstat(StandardOutput.descriptor, &status) == 0 && status.st_mode & S_IFMT != S_IFIFO
  }

  /// Starts reading keys, if they are for this process.
  static func begin() {
    guard areOurs, unsafe tcgetattr(input, original) == 0 else { return }
    unsafe changed.pointee = original.pointee
    // Ctrl-C and Ctrl-Z keep their meaning.
    unsafe changed.pointee.c_lflag &= ~tcflag_t(ICANON | ECHO)
    atexit { TerminalKeys.end() }
    handleSignals()
    set()
  }

  /// Restores the terminal. May be called in a signal handler, and repeatedly.
  static func end() {
    guard isChanged.exchange(false, ordering: .relaxed) else { return }
    unsafe tcsetattr(input, TCSANOW, original)
  }

  private static func set() {
    // A background process that changes the terminal would be stopped.
    guard tcgetpgrp(input) == getpgrp() else { return }
    isChanged.store(true, ordering: .relaxed)
    unsafe tcsetattr(input, TCSANOW, changed)
  }

  private static func handleSignals() {
    // SA_RESETHAND, the highest bit of an int: the next signal has its default effect.
    let once = Int32(bitPattern: 0x8000_0000)
    SignalHandling.handleSignals { TerminalKeys.end() }
    for number in [SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE] {
      handle(number, once | SA_NODEFER) { number in
        TerminalKeys.end()
        UnfinishedFile.settle()
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
}
