import Glibc

/// A file that is written under a random name beside its target, and then takes the target's name (docs/decisions/0013-files.md).
///
/// Whoever ends before that, by an error or a signal, leaves nothing behind. Several at once do not meet, and nobody's file is in the
/// way. Standard output, devices and pipes are written to as they are.
public final class OutputFile {
  /// The path that it has or is to get, for messages.
  public private(set) var path: FilePath
  /// Open for writing; -1 once it is closed.
  public private(set) var descriptor: Int32
  /// Which file it is; nil once it is closed.
  public var identity: FileIdentity? { FileIdentity(descriptor: descriptor) }
  /// Whether it is a file that was made here, as opposed to a device, a pipe or standard output.
  public var isNew: Bool { folder != nil }

  private let kind: OutputKind
  /// Nil when it is written to as it is.
  private let folder: OutputFolder?
  /// Where it is or is to be: `path`, or what a link leads to.
  private let place: FilePath
  /// The name that it is to get, in `folder`.
  private var name: FilePath
  /// The random name; nil once it has its own.
  private var temporary: FilePath?

  /// Opens what has a path, or makes a file that will. `refusal` says what else a file is that must not be written, in words.
  /// Throws when it may not be written.
  public convenience init(
    _ path: FilePath, _ kind: OutputKind, refusal: (FileIdentity) -> String? = { _ in nil }
  ) throws(FileFailure) {
    let target = try OutputTarget(path, kind, refusal: refusal)
    switch target {
    case .asItIs(let descriptor): self.init(asItIs: descriptor, path, kind)
    case .file(let place, let folder, let replaced):
      try self.init(new: place, in: folder, kind, replacing: replaced, shownAs: path)
    }
  }

  /// Makes a file of a ring, which takes its name with `takeName(firstFreeOf:)`. `path` is that of the ring.
  public convenience init(inRing path: FilePath, _ folder: OutputFolder) throws(FileFailure) {
    try self.init(new: path, in: folder, .captureOfRing, replacing: nil, shownAs: path)
  }

  private init(asItIs descriptor: Int32, _ path: FilePath, _ kind: OutputKind) {
    (self.path, self.descriptor, self.kind, folder, temporary) = (path, descriptor, kind, nil, nil)
    (place, name) = (path, path.name)
  }

  private init(
    new place: FilePath, in folder: OutputFolder, _ kind: OutputKind, replacing: stat?, shownAs path: FilePath
  ) throws(FileFailure) {
    (self.path, self.kind, self.folder, self.place, name) = (path, kind, folder, place, place.name)
    let isOurs = replacing.map { $0.st_uid == geteuid() } ?? false
    var mode: mode_t = kind == .document ? 0o666 : 0o600
    // Somebody else's file does not decide who else may read ours.
    if let replacing { mode &= isOurs ? 0o600 : replacing.rights }
    (descriptor, temporary) = (-1, nil)
    for _ in 0..<Self.attempts {
      let random = Self.hiddenName(
        beside: place.name, String(UInt64.random(in: .min ... .max), radix: 36))
      // Before it is made, so that there is no moment at which a signal would leave it.
      UnfinishedFile.set(random, in: folder)
      descriptor = folder.open(random, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
      if descriptor >= 0 { temporary = random }
      if descriptor >= 0 || errno != EEXIST { break }
    }
    guard descriptor >= 0 else {
      let failure = FileFailure.ofSystem("cannot write \(path): no file can be made beside it")
      UnfinishedFile.clear()
      throw failure
    }
    if let replacing, isOurs { fchmod(descriptor, replacing.rights) }
    // Says to others that a capture of this name is being written.
    if kind == .capture { flock(descriptor, LOCK_EX | LOCK_NB) }
  }

  deinit { discard() }

  private static let attempts = 100

  /// A hidden name, no longer than a name may be. It begins with the name of the target, so that people know it.
  private static func hiddenName(beside name: FilePath, _ what: String) -> FilePath {
    var known = name.bytes.prefix(100)
    if known.count < name.bytes.count {
      // Not within a character: some file systems take only UTF-8.
      while let last = known.last, last & 0xC0 == 0x80 { known.removeLast() }
      if let last = known.last, last >= 0xC0 { known.removeLast() }
    }
    return FilePath(bytes: Array(".".utf8) + known + Array(".\(what).partial".utf8))
  }

  /// The name under which a capture finds itself when another run has taken its own.
  private static func spareName(of file: FileIdentity, beside name: FilePath) -> FilePath {
    hiddenName(beside: name, "\(file.device)-\(file.node)")
  }

  // MARK: Its name

  /// Gives the file its name; what had it is gone. A capture whose name is that of one that another run is writing takes it when it
  /// is closed. Throws when that cannot be done.
  public func takeName() throws(FileFailure) {
    guard let folder else { return }
    guard kind == .capture else { return try rename() }
    // Between the look and the name no other run may come.
    try folder.whileLocked { () throws(FileFailure) in
      guard let temporary, let other = fileBeingWritten(name, folder) else { return try rename() }
      if descriptor >= 0 {
        // A process that is killed leaves it under its name: it holds packets.
        UnfinishedFile.set(temporary, in: folder, target: name)
      } else {
        // The other one takes the name again when it ends.
        folder.link(name, to: Self.spareName(of: other, beside: name))
        try rename()
      }
    }
  }

  private func rename() throws(FileFailure) {
    guard let folder, let temporary else { return }
    guard folder.rename(temporary, to: name) else {
      throw .ofSystem("cannot rename \(place.sibling(temporary)) to \(path)")
    }
    self.temporary = nil
    UnfinishedFile.clear()
  }

  /// Gives a file of a ring the first of some names that nothing has, and returns it. Throws when that cannot be done.
  public func takeName(firstFreeOf names: () -> FilePath) throws(FileFailure) -> FilePath {
    guard let folder, let temporary else { return name }
    for _ in 0..<Self.attempts {
      name = names()
      if folder.rename(temporary, toFree: name) {
        path = path.sibling(name)
        self.temporary = nil
        UnfinishedFile.clear()
        return name
      }
      guard errno == EEXIST else { break }
    }
    throw .ofSystem("cannot rename \(place.sibling(temporary)) to \(path.sibling(name))")
  }

  /// The capture of a name, while another run is writing it.
  private func fileBeingWritten(_ name: FilePath, _ folder: OutputFolder) -> FileIdentity? {
    let other = folder.open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY)
    guard other >= 0 else { return nil }
    defer { Glibc.close(other) }
    guard let file = FileIdentity(regular: other), flock(other, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK
    else { return nil }
    return file
  }

  /// Finds the file again if another run has taken its name.
  private func findAgain() {
    guard kind == .capture, temporary == nil, let folder, let identity else { return }
    let spare = Self.spareName(of: identity, beside: name)
    if let status = folder.status(spare), FileIdentity(status) == identity { temporary = spare }
  }

  /// Whether somebody has removed or replaced the file, so that nobody will find what is written.
  public var isLost: Bool {
    var status = stat()
    guard isNew, unsafe fstat(descriptor, &status) == 0 else { return false }
    return status.st_nlink == 0
  }

  // MARK: Its bytes

  /// Writes bytes. Throws when not all of them could be.
  public func write(_ bytes: [UInt8]) throws(FileFailure) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else {
        var failure = FileFailure.ofSystem("\(path) cannot be written")
        failure.bytesWritten = done
        throw failure
      }
      done += count
    }
  }

  /// Cuts a file that was made here.
  public func truncate(to bytes: UInt64) {
    if isNew { ftruncate(descriptor, off_t(clamping: bytes)) }
  }

  // MARK: Its end

  /// Closes the file; it has its name then. Throws when not all of it could be written, or when it could not get its name. A capture
  /// is kept even then, under the name that the error says.
  public func close() throws(FileFailure) {
    guard descriptor >= 0 else { return }
    findAgain()
    let closed = Glibc.close(descriptor)
    descriptor = -1
    let failure = closed == 0 ? nil : FileFailure.ofSystem("\(path) cannot be written")
    if let failure, kind == .document {
      discard()
      throw failure
    }
    do {
      try takeName()
    } catch {
      if kind == .document { discard() } else { keep() }
      throw error
    }
    if let failure { throw failure }
  }

  /// Removes the file, unless it has its name already, and closes it.
  public func discard() {
    if let temporary, let folder {
      folder.remove(temporary)
      keep()
    }
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }

  /// Removes the file, whether or not it has its name.
  public func withdraw() {
    if temporary == nil, let folder, let identity { folder.remove(name, if: identity) }
    discard()
  }

  private func keep() {
    temporary = nil
    UnfinishedFile.clear()
  }
}
