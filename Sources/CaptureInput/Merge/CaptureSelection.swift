import Files
import Glibc

/// What to read, as the user names it.
public struct CaptureSelection: Sendable {
  /// Files, pipes, directories, and patterns that the shell has not expanded; `-` is standard input.
  public var paths: [FilePath]
  /// Whether to wait at the end of a file for what is still to be written.
  public var follows = false
  /// A libpcap filter; packets that do not match it are left out.
  public var filter: String?

  /// A selection of paths.
  public init(paths: [FilePath]) { self.paths = paths }

  /// A selection of paths that are text.
  public init(paths: [String]) { self.paths = paths.map { FilePath($0) } }

  /// One of the inputs that the paths stand for.
  struct Member {
    let path: FilePath
    /// Whether it was found in a directory, and so is ignored when it is not a capture.
    var isFound = false
  }

  /// The inputs that the paths stand for, each file once. Throws when a directory cannot be read or is empty.
  var members: [Member] {
    get throws(CaptureError) {
      var members: [Member] = []
      var seen: Set<FileIdentity> = []
      for path in paths {
        for member in try Self.members(of: path) {
          if let identity = FileIdentity(input: member.path), !seen.insert(identity).inserted { continue }
          members.append(member)
        }
      }
      return members
    }
  }

  /// Whether a file is one of the inputs, by whatever name. In a directory only captures count: what is not one is not read.
  public func includes(_ file: FileIdentity) -> Bool {
    // What cannot be read is reported when it is.
    guard let members = try? members else { return false }
    return members.contains {
      FileIdentity(input: $0.path) == file && (!$0.isFound || CaptureMagic.begins($0.path))
    }
  }

  private static func members(of path: FilePath) throws(CaptureError) -> [Member] {
    var status = stat()
    if path.isStandardInput { return [Member(path: path)] }
    guard unsafe path.withCString({ unsafe stat($0, &status) }) == 0 else {
      let matches = glob(path)
      return matches.isEmpty ? [Member(path: path)] : matches.map { Member(path: $0) }
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { return [Member(path: path)] }
    return try files(inDirectory: path).map { Member(path: $0, isFound: true) }
  }

  /// The regular files of a directory, ordered by name, without hidden ones and without those in subdirectories.
  private static func files(inDirectory path: FilePath) throws(CaptureError) -> [FilePath] {
    guard let directory = unsafe path.withCString({ unsafe opendir($0) }) else {
      throw CaptureError("cannot open \(path): \(unsafe String(cString: strerror(errno)))")
    }
    defer { unsafe closedir(directory) }
    var files: [FilePath] = []
    while let entry = unsafe readdir(directory) {
      let file = path.appending(unsafe name(of: entry).bytes)
      var status = stat()
      guard file.name.bytes.first != UInt8(ascii: "."),
        unsafe file.withCString({ unsafe stat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG
      else { continue }
      files.append(file)
    }
    guard !files.isEmpty else { throw CaptureError("\(path) is a directory without files") }
    return files.sorted()
  }

  /// In place: the entry is only as long as its name, and a copy of the whole struct would read beyond it.
  private static func name(of entry: UnsafeMutablePointer<dirent>) -> FilePath {
    guard let field = MemoryLayout<dirent>.offset(of: \.d_name) else { return FilePath("") }
    let start = unsafe UnsafeRawPointer(entry) + field
    return unsafe FilePath(cString: start.assumingMemoryBound(to: CChar.self))
  }

  /// The paths that a pattern matches. A quoted pattern can name more captures than fit on a command line.
  private static func glob(_ pattern: FilePath) -> [FilePath] {
    guard pattern.bytes.contains(where: { "*?[".utf8.contains($0) }) else { return [] }
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    guard unsafe pattern.withCString({ unsafe Glibc.glob($0, 0, nil, &found) }) == 0 else { return [] }
    return unsafe (0..<Int(found.gl_pathc)).compactMap { index in
      unsafe found.gl_pathv[index].map { unsafe FilePath(cString: $0) }
    }
  }
}
