import Glibc
import Synchronization

/// The file of this process that has not taken its name yet, so that nothing is left behind when a signal or `exit` ends the process
/// where nobody can tidy up.
///
/// There is one at a time: of several, the last.
public enum UnfinishedFile {
  // Global because a signal handler reads them. The handler touches nothing else: what it does is in the list of signal-safety(7).
  private static let folder = Atomic<Int32>(-1)
  /// The address of `names` while there is such a file.
  private static let address = Atomic<UInt>(0)

  /// The longest name in bytes, with the zero at its end (NAME_MAX).
  private static let longest = 256
  /// Room for two names as C has them: the one that the file has, and the one that it is to get, empty if it is to be removed.
  /// Never freed: a handler may be reading it.
  private static let names = Mutex(Names())

  @safe private struct Names: @unchecked Sendable {
    // @unchecked: written with the lock held; a handler reads it only while `address` is set.
    let start = UnsafeMutablePointer<CChar>.allocate(capacity: 2 * longest)
  }

  /// Remembers a file. When the process is killed it is renamed to `target`, or removed if that is nil.
  static func set(_ name: FilePath, in folder: OutputFolder, target: FilePath? = nil) {
    _ = handlers
    names.withLock { names in
      address.store(0, ordering: .sequentiallyConsistent)
      let target = target ?? FilePath("")
      guard name.bytes.count < longest, target.bytes.count < longest else { return }
      unsafe name.withCString { _ = unsafe strcpy(names.start, $0) }
      unsafe target.withCString { _ = unsafe strcpy(names.start + longest, $0) }
      self.folder.store(folder.descriptor, ordering: .sequentiallyConsistent)
      unsafe address.store(UInt(bitPattern: names.start), ordering: .sequentiallyConsistent)
    }
  }

  /// Forgets the file, which has its name or is gone.
  static func clear() { address.store(0, ordering: .sequentiallyConsistent) }

  /// Removes the file, or gives it its name. Safe in a signal handler.
  public static func settle() {
    let found = address.exchange(0, ordering: .sequentiallyConsistent)
    guard let name = unsafe UnsafePointer<CChar>(bitPattern: found) else { return }
    let folder = folder.load(ordering: .sequentiallyConsistent)
    let target = unsafe name + longest
    if unsafe target.pointee == 0 {
      _ = unsafe unlinkat(folder, name, 0)
    } else {
      _ = unsafe renameat(folder, name, folder, target)
    }
  }

  // MARK: Ends of the process

  /// Signals that end a process that does not handle them. Those that ask for the end have handlers, which call `settle` when they
  /// kill.
  private static let deadly =
    [SIGUSR1, SIGUSR2, SIGALRM, SIGXCPU, SIGVTALRM, SIGPROF, SIGPOLL, SIGPWR, SIGSYS, SIGSTKFLT] + realTime

  /// Those without a name, whose numbers glibc leaves to programs (signal(7)).
  private static let realTime = Array(34...64 as ClosedRange<Int32>)
  /// Those for which Swift has handlers that only print where the program was, and go on.
  private static let aborting = [SIGQUIT, SIGABRT]
  /// What a crash raises. Swift's handlers come after ours.
  private static let crashes = [SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV]

  /// The address of the actions for `crashes` before ours, by number. Never freed, as above.
  private static let actionsBefore = Atomic<UInt>(0)

  /// Done once. What is ignored (SIGQUIT in the background) stays ignored.
  private static let handlers: Void = {
    atexit { UnfinishedFile.settle() }
    for number in deadly where disposition(number) == 0 { handle(number) { die($0) } }
    for number in aborting where disposition(number) != 1 { handle(number) { die($0) } }
    let before = UnsafeMutablePointer<sigaction>.allocate(capacity: 65)
    unsafe before.initialize(repeating: sigaction(), count: 65)
    for number in crashes { unsafe sigaction(number, nil, before + Int(number)) }
    actionsBefore.store(UInt(bitPattern: before), ordering: .sequentiallyConsistent)
    for number in crashes where disposition(number) != 1 {
      handle(number) { number in
        settle()
        let address = actionsBefore.load(ordering: .sequentiallyConsistent)
        guard let before = unsafe UnsafePointer<sigaction>(bitPattern: address) else { return die(number) }
        unsafe sigaction(number, before + Int(number), nil)
        // Delivered when the handler has returned.
        raise(number)
      }
    }
  }()

  private static func die(_ number: Int32) {
    settle()
    _ = signal(number, SIG_DFL)
    raise(number)
  }

  private static func handle(_ number: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = handler
    // When the stack has no room left, Swift's handlers have one of their own.
    action.sa_flags = SA_ONSTACK
    unsafe sigaction(number, &action, nil)
  }

  /// What is done on a signal: SIG_DFL is 0 in C, SIG_IGN is 1.
  private static func disposition(_ number: Int32) -> Int {
    var action = sigaction()
    guard unsafe sigaction(number, nil, &action) == 0 else { return 1 }
    return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
  }
}
