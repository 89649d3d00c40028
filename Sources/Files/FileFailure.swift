import Glibc

/// Why a file cannot be written, with its name.
public struct FileFailure: Error, CustomStringConvertible {
  /// One line for standard error, without the program's name.
  public let description: String
  /// Of what was being written, how many bytes had been.
  public internal(set) var bytesWritten = 0

  init(_ description: String) { self.description = description }

  /// What the last system call says about something that could not be done.
  static func ofSystem(_ what: String, _ error: Int32 = errno) -> FileFailure {
    FileFailure("\(what): \(unsafe String(cString: strerror(error)))")
  }
}
