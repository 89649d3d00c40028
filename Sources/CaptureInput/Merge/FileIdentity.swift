import Glibc

/// Which file a path leads to.
struct FileIdentity: Hashable {
  let device: UInt64
  let node: UInt64

  init?(_ path: String) {
    var status = stat()
    guard unsafe (path == "-" ? fstat(0, &status) : stat(path, &status)) == 0 else { return nil }
    (device, node) = (UInt64(status.st_dev), UInt64(status.st_ino))
  }
}
