import CaptureInput
import Files
import Glibc
import Rights

/// Gives up rights before anything that a peer sent is parsed: root's, capabilities, and most of what every process may do.
///
/// To be called before the first thread is started.
enum Privileges {
  /// The user that the process becomes.
  struct User {
    let name: String
    let id: uid_t
    let group: gid_t

    /// A user by name; nil if there is no such user.
    init?(named name: String) {
      guard let entry = unsafe getpwnam(name) else { return nil }
      self.name = name
      (id, group) = unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid)
    }
  }

  static var isRoot: Bool { geteuid() == 0 }

  /// The user to become: the given one, else the one who called sudo, else nobody. Throws if the given one does not exist,
  /// or if none of them does.
  static func user(named name: String?) throws(CaptureError) -> User {
    if let name {
      guard let user = User(named: name) else { throw CaptureError("there is no user \(name)") }
      return user
    }
    let caller = unsafe getenv("SUDO_USER").map { unsafe String(cString: $0) }
    if let caller, let user = User(named: caller), user.id != 0 { return user }
    guard let nobody = User(named: "nobody") else {
      throw CaptureError("there is no user nobody to continue as; name one with -Z, or -Z root to stay root")
    }
    return nobody
  }

  /// Becomes `user` permanently, without any capability. Throws if that did not succeed.
  static func drop(to user: User) throws(CaptureError) {
    #if os(Linux)
    Capabilities.limit()
    #endif
    try become(user)
    try dropCapabilities()
  }

  private static func become(_ user: User) throws(CaptureError) {
    guard isRoot, user.id != 0 else { return }
    let isDone =
      unsafe initgroups(user.name, user.group) == 0 && setgid(user.group) == 0 && setuid(user.id) == 0
    let why = unsafe String(cString: strerror(errno))
    guard isDone, getuid() == user.id, geteuid() == user.id, getegid() == user.group, setuid(0) != 0 else {
      throw CaptureError(
        "cannot continue as user \(user.name): \(why); that needs the capabilities CAP_SETUID and CAP_SETGID, "
          + "or -Z root to stay root")
    }
  }

  /// Gives up the capabilities of the process, which the executable may have of its own (setcap(8)). `forFiles` keeps those with which
  /// root reads and writes files of others.
  static func dropCapabilities(forFiles: Bool = false) throws(CaptureError) {
    #if os(Linux)
    do {
      try Capabilities.drop(keeping: forFiles && isRoot ? .files : [])
    } catch {
      throw CaptureError(error.description)
    }
    #endif
  }

  /// Gives up what reading captures does not need: only `output` can be written, there are no sockets and no other programs.
  static func confine(writing output: FilePath?) throws(CaptureError) {
    try dropCapabilities(forFiles: true)
    var confinement = Confinement()
    confinement.writable = output.map { Confinement.places(of: $0.bytes) } ?? []
    _ = confine(confinement)
  }

  /// Enters a confinement, except where this process is looked into from within: by what it was built with, or, as the environment
  /// says, by what it was started with. Nil then.
  static func confine(_ confinement: Confinement) -> Confinement.Outcome? {
    if Confinement.isInstrumented { return nil }
    return unsafe getenv("WSTAP_UNCONFINED") == nil ? confinement.enter() : nil
  }
}
