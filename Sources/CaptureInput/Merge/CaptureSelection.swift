import Glibc

/// What to read, as the user names it.
public struct CaptureSelection: Sendable {
  /// Files, pipes, directories, and patterns that the shell has not expanded; `-` is standard input.
  public var paths: [String]
  /// Whether to wait at the end of a file for what is still to be written.
  public var follows = false
  /// A libpcap filter; packets that do not match it are left out.
  public var filter: String?

  /// A selection of paths.
  public init(paths: [String]) { self.paths = paths }

  /// One of the inputs that the paths stand for.
  struct Member {
    let path: String
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
          if let identity = FileIdentity(member.path), !seen.insert(identity).inserted { continue }
          members.append(member)
        }
      }
      return members
    }
  }

  private static func members(of path: String) throws(CaptureError) -> [Member] {
    var status = stat()
    if path == "-" { return [Member(path: path)] }
    guard unsafe stat(path, &status) == 0 else {
      let matches = glob(path)
      return matches.isEmpty ? [Member(path: path)] : matches.map { Member(path: $0) }
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { return [Member(path: path)] }
    return try files(inDirectory: path).map { Member(path: $0, isFound: true) }
  }

  /// The regular files of a directory, ordered by name, without hidden ones and without those in subdirectories.
  private static func files(inDirectory path: String) throws(CaptureError) -> [String] {
    guard let directory = unsafe opendir(path) else {
      throw CaptureError("cannot open \(path): \(unsafe String(cString: strerror(errno)))")
    }
    defer { unsafe closedir(directory) }
    var files: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      let file = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      var status = stat()
      guard !name.hasPrefix("."), unsafe stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        continue
      }
      files.append(file)
    }
    guard !files.isEmpty else { throw CaptureError("\(path) is a directory without files") }
    return files.sorted()
  }

  /// The paths that a pattern matches. A quoted pattern can name more captures than fit on a command line.
  private static func glob(_ pattern: String) -> [String] {
    guard pattern.contains(where: { "*?[".contains($0) }) else { return [] }
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    guard unsafe Glibc.glob(pattern, 0, nil, &found) == 0 else { return [] }
    return unsafe (0..<Int(found.gl_pathc)).compactMap { index in
      unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
    }
  }
}
