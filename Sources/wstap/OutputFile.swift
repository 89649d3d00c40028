import ArgumentParser
import Glibc

/// An output file that gets its name only once it has been written.
enum OutputFile {
  /// Runs `body` with a descriptor for a new file, which gets its name only if `body` succeeds or ends because the input
  /// is damaged. So neither a failed run nor an output that is also the input destroys a file.
  static func create(_ path: String, insteadOf inputs: [String], _ body: (Int32) throws -> Void) throws {
    var status = stat()
    let exists = unsafe stat(path, &status) == 0
    for input in inputs {
      var inputStatus = stat()
      guard exists, unsafe stat(input, &inputStatus) == 0,
        (status.st_dev, status.st_ino) == (inputStatus.st_dev, inputStatus.st_ino)
      else { continue }
      StandardError.print("\(path) is the capture itself; name another file for the output")
      throw ExitCode(2)
    }
    let isSpecial = exists && status.st_mode & S_IFMT != S_IFREG
    let written = isSpecial ? path : path + ".partial"
    let descriptor = unsafe open(written, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else {
      StandardError.print("cannot write \(written): \(unsafe String(cString: strerror(errno)))")
      throw ExitCode(2)
    }
    defer { close(descriptor) }
    var damaged: ExitCode?
    do {
      try body(descriptor)
    } catch let code as ExitCode where code.rawValue == 1 {
      damaged = code
    } catch {
      if !isSpecial { unsafe unlink(written) }
      throw error
    }
    if !isSpecial, unsafe rename(written, path) != 0 {
      StandardError.print(
        "cannot rename \(written) to \(path): \(unsafe String(cString: strerror(errno)))")
      throw ExitCode(2)
    }
    if let damaged { throw damaged }
  }
}
