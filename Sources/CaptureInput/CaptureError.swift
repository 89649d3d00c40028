/// Why an input cannot be read, or not to its end. The text says what went wrong, where, and what to do.
public struct CaptureError: Error, Sendable, CustomStringConvertible {
  /// One line for standard error, without the program's name.
  public let description: String
  /// Whether it says that a file is not a capture, as opposed to one that cannot be read.
  var isAboutOtherFile = false

  /// An error with this text.
  public init(_ description: String) { self.description = description }
}
