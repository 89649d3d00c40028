/// Why an input cannot be used, or not to its end. The text says what, where and what to do.
public struct CaptureError: Error, Sendable, CustomStringConvertible {
  /// One line for standard error, without the program's name.
  public let description: String
  /// Whether it says that a file is something else than a capture, rather than one that cannot be read.
  var isAboutOtherFile = false

  /// An error with its whole text.
  public init(_ description: String) { self.description = description }
}
