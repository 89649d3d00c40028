import CRights
import Glibc

/// What a process that is about to read what others sent may still do to the system: write its outputs, and nothing else.
///
/// To be entered before the first thread is started. Where the kernel lacks a part of it, the rest is entered.
package struct Confinement {
  /// The bytes of a path, which need not be UTF-8.
  package typealias Path = [UInt8]

  /// Folders, or files that are not regular ones, that may be written.
  package var writable: [Path] = []
  /// Folders and files that may be read; nil for all.
  package var readable: [Path]?
  /// A socket that is only read.
  package var readOnlySocket: Int32?

  package init() {}

  /// What was entered.
  package struct Outcome: Sendable {
    /// The version of Landlock's interface that files are protected by; nil if they are not.
    package var landlock: Int?
    /// Whether system calls are filtered.
    package var filtersSystemCalls = false
  }

  /// Where an output and the temporary file beside it are written: its folder, the folder of what it is a link to, or, if it is
  /// a device or a pipe, just that.
  package static func places(of output: Path) -> [Path] {
    var status = stat()
    let isOther = unsafe stat(output.cString, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    return isOther ? [output] : folders(of: output)
  }

  /// The folder of a file, and the folder of what it is a link to.
  package static func folders(of path: Path) -> [Path] {
    guard let real = unsafe realpath(path.cString, nil) else { return [folder(of: path)] }
    defer { unsafe free(real) }
    let bytes = unsafe UnsafeBufferPointer(start: real, count: strlen(real)).map { UInt8(bitPattern: $0) }
    return [folder(of: path), folder(of: bytes)]
  }

  private static func folder(of path: Path) -> Path {
    guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return [UInt8(ascii: ".")] }
    return Array(path[..<max(slash, 1)])
  }

  /// Whether this build has a sanitizer, or counts what is covered: these need at its end what it gives up.
  package static var isInstrumented: Bool { wstap_is_instrumented() }

  #if os(Linux)
  /// Enters it, for good.
  package func enter() -> Outcome {
    var outcome = Outcome()
    // Both are granted only to processes that can get no rights back.
    Capabilities.forbidNewPrivileges()
    if let version = FileAccess.version, enterFileAccess(version) { outcome.landlock = version }
    if let filter = SystemCallFilter(readOnly: readOnlySocket) { outcome.filtersSystemCalls = filter.enter() }
    return outcome
  }

  private func enterFileAccess(_ version: Int) -> Bool {
    guard let access = FileAccess(version: version, limitsReading: readable != nil) else { return false }
    for path in writable where !access.allowWriting(path) { return false }
    for path in readable ?? [] where !access.allowReading(path) { return false }
    // The names of a ring have the local time, whose rules are a file.
    tzset()
    return access.enter()
  }
  #else
  /// Other systems have nothing of it.
  package func enter() -> Outcome { Outcome() }
  #endif
}

extension Confinement.Path {
  /// The path as C has it.
  var cString: [CChar] { map { CChar(bitPattern: $0) } + [0] }
}
