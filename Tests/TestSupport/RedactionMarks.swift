extension String {
  /// The text with `[redacted]` in place of marks such as `[redacted 7f3a]`, which differ from run to run.
  public var withoutMarks: String { replacing(/\[redacted [0-9a-f]{4}\]/, with: "[redacted]") }
}
