import Glibc

/// What a path leads to that is to be written.
enum OutputTarget {
  /// Standard output, a device or a pipe: open, and written to as it is.
  case asItIs(descriptor: Int32)
  /// A place for a file, with the folder that it is in, and with what is there now.
  case file(FilePath, in: OutputFolder, replacing: stat?)

  /// `refusal` says what else a file is that must not be written. Throws when the path may not be written.
  init(
    _ path: FilePath, _ kind: OutputKind, refusal: (FileIdentity) -> String?
  ) throws(FileFailure) {
    let folder = try OutputFolder(of: path)
    guard !path.name.bytes.isEmpty else { throw Self.isFolder(path) }
    guard let status = folder.status(path.name) else {
      guard errno == ENOENT else { throw .ofSystem("cannot write \(path)") }
      self = .file(path, in: folder, replacing: nil)
      return
    }
    guard !status.isLink else {
      self = try Self.through(link: status, path, kind, refusal)
      return
    }
    try Self.check(status, path, refusal)
    if let open = try Self.asItIs(status, path, kind, flags: O_NOFOLLOW) {
      self = open
      return
    }
    if kind == .document, CaptureMagic.begins(folder.open(path.name, O_RDONLY | O_NONBLOCK | O_NOCTTY)) {
      throw FileFailure("\(path) is a capture; name another file for the output, or remove it first")
    }
    self = .file(path, in: folder, replacing: status)
  }

  /// A link is followed to what is written as it is: /dev/stdout is one. One to a file stays, and the file is replaced.
  ///
  /// It may be a trap in a folder that others can write to, so it has to belong to whoever runs this, or to root. A capture is written
  /// through none at all while the process is root: whoever can place a link could choose what root overwrites.
  private static func through(
    link: stat, _ path: FilePath, _ kind: OutputKind, _ refusal: (FileIdentity) -> String?
  ) throws(FileFailure) -> OutputTarget {
    var status = stat()
    guard unsafe path.withCString({ unsafe stat($0, &status) }) == 0 else {
      throw FileFailure("\(path) is a symbolic link that leads nowhere; name a file")
    }
    try check(status, path, refusal)
    guard link.st_uid == 0 || link.st_uid == geteuid() else {
      throw FileFailure("\(path) is a symbolic link of another user, which is not followed; name a file")
    }
    if let open = try asItIs(status, path, kind, flags: 0) { return open }
    guard kind == .document || geteuid() != 0 else {
      throw FileFailure(
        "\(path) is a symbolic link, and root writes no capture through one; name the file itself")
    }
    guard let real = unsafe path.withCString({ unsafe realpath($0, nil) }) else {
      throw .ofSystem("cannot write \(path)")
    }
    defer { unsafe free(real) }
    let place = unsafe FilePath(cString: real)
    let folder = try OutputFolder(of: place)
    guard let there = folder.status(place.name), FileIdentity(there) == FileIdentity(status) else {
      throw FileFailure("\(path) is a symbolic link that changes; name a file")
    }
    if kind == .document, CaptureMagic.begins(folder.open(place.name, O_RDONLY | O_NONBLOCK | O_NOCTTY)) {
      throw FileFailure("\(path) is a capture; name another file for the output, or remove it first")
    }
    return .file(place, in: folder, replacing: there)
  }

  private static func check(
    _ status: stat, _ path: FilePath, _ refusal: (FileIdentity) -> String?
  ) throws(FileFailure) {
    if status.isFolder { throw isFolder(path) }
    // A terminal or the null device may well be both.
    guard status.st_mode & S_IFMT != S_IFCHR, let words = refusal(FileIdentity(status)) else { return }
    throw FileFailure("\(path) is \(words); name another file for the output")
  }

  /// Opens standard output, a device or a pipe; nil for a regular file that is not standard output.
  private static func asItIs(
    _ status: stat, _ path: FilePath, _ kind: OutputKind, flags: Int32
  ) throws(FileFailure) -> OutputTarget? {
    let identity = FileIdentity(status)
    // /dev/stdout may be a regular file, which somebody else opened and which keeps its name.
    if identity == FileIdentity(descriptor: 1) {
      guard kind == .document || !status.isRegular else {
        throw FileFailure("\(path) is standard output, where the conversations are shown; name another file")
      }
      let copy = fcntl(1, F_DUPFD_CLOEXEC, 3)
      guard copy >= 0 else { throw .ofSystem("cannot write \(path)") }
      return .asItIs(descriptor: copy)
    }
    if status.isRegular { return nil }
    let descriptor = unsafe path.withCString { unsafe open($0, O_WRONLY | O_NOCTTY | O_CLOEXEC | flags) }
    guard descriptor >= 0 else { throw .ofSystem("cannot write \(path)") }
    guard FileIdentity(descriptor: descriptor) == identity else {
      close(descriptor)
      throw FileFailure("\(path) was replaced while it was opened; try again")
    }
    return .asItIs(descriptor: descriptor)
  }

  private static func isFolder(_ path: FilePath) -> FileFailure {
    FileFailure("\(path) is a directory; name a file in it")
  }
}
