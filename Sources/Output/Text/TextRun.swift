/// Text in one role, on a line that may be wrapped. Parts of it may come from a peer.
struct TextRun {
  let text: String
  /// How it looks; nil for plain text.
  let role: Style.Role?

  init(_ text: String, _ role: Style.Role? = nil) { (self.text, self.role) = (text, role) }
}
