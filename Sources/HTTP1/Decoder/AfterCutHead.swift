/// What follows a head whose rest is not in the capture.
package enum AfterCutHead {
  /// Anything: the decoder looks whether a message begins with the first bytes after the gap.
  case search
  /// The same, but not before `resume`.
  case pause
}
