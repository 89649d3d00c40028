import Glibc

/// The file that a path leads to, so that two paths to one file can be recognized.
struct FileIdentity: Hashable {
  let device: UInt64
  let node: UInt64

  init?(_ path: String) {
    var status = stat()
    guard unsafe (path == "-" ? fstat(0, &status) : stat(path, &status)) == 0 else { return nil }
    (device, node) = (UInt64(status.st_dev), UInt64(status.st_ino))
  }
}
