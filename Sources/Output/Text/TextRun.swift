/// Text in one role, on a line that may be wrapped. Parts of it may come from a peer, so what looks like our marks is spelled
/// out, unless all of it is ours.
struct TextRun {
  let text: String
  /// How it looks; nil for plain text.
  let role: Style.Role?

  init(_ text: String, _ role: Style.Role? = nil, isOurs: Bool = false) {
    (self.text, self.role) = (isOurs ? text : GuardedText.of(text), role)
  }
}
