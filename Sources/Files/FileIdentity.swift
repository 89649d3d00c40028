import Glibc

/// The file that a path leads to, so that two paths to one file can be recognized.
public struct FileIdentity: Hashable, Sendable {
  let device: UInt64
  let node: UInt64

  init(_ status: stat) { (device, node) = (UInt64(status.st_dev), UInt64(status.st_ino)) }

  /// The file that a path leads to, through links; nil when there is none.
  public init?(_ path: FilePath) {
    var status = stat()
    guard unsafe path.withCString({ unsafe stat($0, &status) }) == 0 else { return nil }
    self.init(status)
  }

  /// An open file; nil when it is not open.
  public init?(descriptor: Int32) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  /// An open file, if it is a regular one.
  public init?(regular descriptor: Int32) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.isRegular else { return nil }
    self.init(status)
  }
}

extension stat {
  var isRegular: Bool { st_mode & S_IFMT == S_IFREG }
  var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
  var isLink: Bool { st_mode & S_IFMT == S_IFLNK }
  /// The rights of user, group and others; without setuid and its like.
  var rights: mode_t { st_mode & 0o777 }
}
