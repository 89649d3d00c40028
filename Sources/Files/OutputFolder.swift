import Glibc

/// A folder that files are made in. It is opened once, so that nobody can put another one in its place between two steps.
public final class OutputFolder: Sendable {
  let descriptor: Int32

  /// O_PATH of Linux, which Swift does not see: to make files in a folder one need not be allowed to list it.
  private static let onlyAsPlace: Int32 = 0o10000000

  /// Opens the folder of a file. Throws when there is none.
  public init(of file: FilePath) throws(FileFailure) {
    descriptor = unsafe file.folder.withCString {
      unsafe Glibc.open($0, Self.onlyAsPlace | O_DIRECTORY | O_CLOEXEC)
    }
    guard descriptor >= 0 else { throw .ofSystem("cannot write \(file)") }
  }

  deinit { close(descriptor) }

  /// What has a name here, without following a link; nil and `errno` when nothing can be found.
  func status(_ name: FilePath) -> stat? {
    var status = stat()
    let found = unsafe name.withCString { unsafe fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }
    return found == 0 ? status : nil
  }

  /// Opens a file, never through a link. Negative, and `errno`, when it cannot.
  func open(_ name: FilePath, _ flags: Int32, mode: mode_t = 0) -> Int32 {
    unsafe name.withCString { unsafe openat(descriptor, $0, flags | O_NOFOLLOW | O_CLOEXEC, mode) }
  }

  /// Gives a file another name; what had it is gone. False, and `errno`, when it cannot.
  func rename(_ name: FilePath, to other: FilePath) -> Bool {
    unsafe name.withCString { from in
      unsafe other.withCString { to in unsafe renameat(descriptor, from, descriptor, to) == 0 }
    }
  }

  /// Gives a file one more name, if nothing has that. False, and `errno`, when it cannot.
  @discardableResult
  func link(_ name: FilePath, to other: FilePath) -> Bool {
    unsafe name.withCString { from in
      unsafe other.withCString { to in unsafe linkat(descriptor, from, descriptor, to, 0) == 0 }
    }
  }

  /// Gives a file another name, if nothing has that name. False, and `errno`, when it cannot.
  func rename(_ name: FilePath, toFree other: FilePath) -> Bool {
    if link(name, to: other) {
      remove(name)
      return true
    }
    // File systems without hard links: one more look is the best there is.
    guard errno != EEXIST, status(other) == nil else {
      errno = EEXIST
      return false
    }
    return rename(name, to: other)
  }

  /// Does something while no other run does so here. It is done all the same if the folder may not be read, or if somebody keeps it
  /// locked for long.
  func whileLocked<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let lock = open(FilePath("."), O_RDONLY | O_DIRECTORY)
    defer { if lock >= 0 { close(lock) } }
    for _ in 0..<Self.patience where lock >= 0 {
      if flock(lock, LOCK_EX | LOCK_NB) == 0 { break }
      usleep(1000)
    }
    return try body()
  }

  /// How often a lock is tried, a millisecond apart.
  private static let patience = 100

  func remove(_ name: FilePath) {
    _ = unsafe name.withCString { unsafe unlinkat(descriptor, $0, 0) }
  }

  /// Removes a file of this name if it is still the one that it was.
  public func remove(_ name: FilePath, if identity: FileIdentity) {
    if let status = status(name), FileIdentity(status) == identity { remove(name) }
  }
}
