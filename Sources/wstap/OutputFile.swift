import ArgumentParser
import Glibc

/// An output file that gets its name only once it has been written.
enum OutputFile {
  /// Runs `body` with a descriptor for a new file, which gets its name only if `body` succeeds or ends because the input
  /// is damaged. So neither a failed run nor an output that is also the input destroys a file.
  ///
  /// Until then it has a random name beside the target, so that runs do not meet and nobody's file is in the way. The mode of an
  /// existing file is kept. A symbolic link stays, and the file that it points to is replaced.
  static func create(_ path: String, insteadOf inputs: [String], _ body: (Int32) throws -> Void) throws {
    var status = stat()
    let exists = unsafe stat(path, &status) == 0
    if exists, inputs.contains(where: { isSame($0, as: status) }) {
      throw refused("\(path) is the capture itself; name another file for the output")
    }
    // Of a folder that is read, too, and whatever its name.
    if exists, isCapture(path, status) {
      throw refused("\(path) is a capture; name another file for the output, or remove it first")
    }
    if exists, isStandardOutput(status) {
      return try body(StandardOutput.descriptor)
    }
    if exists, status.st_mode & S_IFMT != S_IFREG {
      let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw failed("write", path) }
      defer { close(descriptor) }
      return try body(descriptor)
    }
    let target = try place(of: path, exists: exists)
    let temporary = temporaryName(beside: target)
    let descriptor = unsafe open(
      temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, exists ? 0o600 : 0o666)
    guard descriptor >= 0 else { throw failed("write", path) }
    defer { close(descriptor) }
    if exists { fchmod(descriptor, status.st_mode & 0o777) }
    var damaged: ExitCode?
    do {
      try body(descriptor)
    } catch let code as ExitCode where code.rawValue == 1 {
      damaged = code
    } catch {
      unsafe unlink(temporary)
      throw error
    }
    guard unsafe rename(temporary, target) == 0 else {
      let failure = failed("rename \(temporary) to", path)
      unsafe unlink(temporary)
      throw failure
    }
    if let damaged { throw damaged }
  }

  private static func isSame(_ path: String, as other: stat) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && (status.st_dev, status.st_ino) == (other.st_dev, other.st_ino)
  }

  /// Whether a regular file begins as a capture, or as something that is compressed: no output does.
  private static func isCapture(_ path: String, _ status: stat) -> Bool {
    guard status.st_mode & S_IFMT == S_IFREG else { return false }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var start: [UInt8] = [0, 0, 0, 0]
    guard unsafe read(descriptor, &start, start.count) == start.count else { return false }
    let magic = start.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    switch magic {
    // pcap in four forms, pcapng, zstd, lz4.
    case 0xA1B2_C3D4, 0xD4C3_B2A1, 0xA1B2_3C4D, 0x4D3C_B2A1, 0x0A0D_0D0A, 0x28B5_2FFD, 0x0422_4D18:
      return true
    default: return magic >> 16 == 0x1F8B  // gzip
    }
  }

  /// /dev/stdout may be a regular file, which somebody else opened and which keeps its name.
  private static func isStandardOutput(_ other: stat) -> Bool {
    var status = stat()
    return unsafe fstat(StandardOutput.descriptor, &status) == 0
      && (status.st_dev, status.st_ino) == (other.st_dev, other.st_ino)
  }

  /// The path without a symbolic link at its end.
  private static func place(of path: String, exists: Bool) throws -> String {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return path }
    guard exists, let real = unsafe realpath(path, nil) else {
      throw refused("\(path) is a symbolic link that leads nowhere; name a file")
    }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }

  /// A name in the same folder that nobody has: no longer than a name may be.
  private static func temporaryName(beside path: String) -> String {
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let random = String(UInt64.random(in: .min ... .max), radix: 36)
    let name = String(decoding: path[slash...].utf8.prefix(100), as: UTF8.self)
    return path[..<slash] + "." + name + "." + random + ".partial"
  }

  private static func failed(_ what: String, _ path: String) -> ExitCode {
    refused("cannot \(what) \(path): \(unsafe String(cString: strerror(errno)))")
  }

  private static func refused(_ words: String) -> ExitCode {
    StandardError.print(words)
    return ExitCode(2)
  }
}
