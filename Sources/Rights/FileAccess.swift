#if os(Linux)
import CRights
import Glibc

/// Which files a process may still open, landlock(7). Files that are open already stay as they are.
///
/// It is asked of the kernel for this thread and those that it starts, and cannot be taken back.
struct FileAccess: ~Copyable {
  /// Rights of Landlock, with the version of the kernel's interface that has them.
  private struct Right: OptionSet {
    let rawValue: UInt64
    static let execute = Right(rawValue: 1 << 0)
    static let writeFile = Right(rawValue: 1 << 1)
    static let readFile = Right(rawValue: 1 << 2)
    static let readFolder = Right(rawValue: 1 << 3)
    static let removeFile = Right(rawValue: 1 << 5)
    static let makeFile = Right(rawValue: 1 << 8)
    static let truncate = Right(rawValue: 1 << 14)
    /// Everything else that changes a folder: removing and making folders, devices, sockets, pipes and links.
    static let changeFolder = Right(rawValue: 0b1_1110_1101_0000)
    static let moveBetweenFolders = Right(rawValue: 1 << 13)
    static let controlDevice = Right(rawValue: 1 << 15)

    static let read: Right = [.readFile, .readFolder]
    static let write: Right = [.writeFile, .removeFile, .makeFile, .truncate]
    /// Those that make sense for something that is not a folder.
    static let ofFile: Right = [.execute, .writeFile, .readFile, .truncate, .controlDevice]

    /// What the version of the interface knows.
    static func known(to version: Int) -> Right {
      var known = Right(rawValue: 0x1FFF)
      if version >= 2 { known.insert(.moveBetweenFolders) }
      if version >= 3 { known.insert(.truncate) }
      if version >= 5 { known.insert(.controlDevice) }
      return known
    }
  }

  /// The version of the kernel's interface, 1 and above; nil where there is none.
  static var version: Int? {
    let version = Int(wstap_landlock_version())
    return version > 0 ? version : nil
  }

  private let ruleset: Int32
  private let handled: Right

  /// Begins with nothing: no file may be written or executed, no folder changed, no TCP connection made, no other process
  /// signalled. Nor may anything be read, if `limitsReading`. Nil where the kernel cannot.
  init?(version: Int, limitsReading: Bool) {
    var handled: Right = [.execute, .write, .changeFolder, .moveBetweenFolders, .controlDevice]
    if limitsReading { handled.insert(.read) }
    self.handled = handled.intersection(.known(to: version))
    var asked = wstap_landlock_ruleset()
    asked.files = self.handled.rawValue
    if version >= 4 { asked.network = 0b11 }
    if version >= 6 { asked.scopes = 0b11 }
    ruleset = unsafe wstap_landlock_create(&asked)
    if ruleset < 0 { return nil }
  }

  deinit { close(ruleset) }

  /// Allows reading below a folder, or of a file. One that does not exist gives no right. False where the kernel refuses.
  func allowReading(_ path: Confinement.Path) -> Bool { allow(.read, path) }

  /// Allows writing below a folder, in files that exist and in new ones, or in a file. One that does not exist gives no right. False
  /// where the kernel refuses.
  func allowWriting(_ path: Confinement.Path) -> Bool { allow([.read, .write], path) }

  private func allow(_ rights: Right, _ path: Confinement.Path) -> Bool {
    let descriptor = unsafe open(path.cString, 0o10000000 | O_CLOEXEC)  // O_PATH
    guard descriptor >= 0 else { return true }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return false }
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    let allowed = rights.intersection(handled).intersection(isFolder ? Right(rawValue: .max) : .ofFile)
    if allowed.isEmpty { return true }
    var rule = wstap_landlock_path(allowed: allowed.rawValue, descriptor: descriptor)
    // A pipe is no file of a file system: it needs no right.
    return unsafe wstap_landlock_allow(ruleset, &rule) == 0 || errno == EBADFD
  }

  /// From now on nothing else is allowed. False where the kernel refuses.
  consuming func enter() -> Bool { wstap_landlock_restrict(ruleset) == 0 }
}
#endif
