import Sessions
import WireBytes

extension RefusalBody {
  /// `body 20 B: no healthy upstream`
  var phrase: String {
    let size = String(writing: { ByteSize(count).write(to: &$0) })
    guard let text else { return "body \(size), not text" }
    // An error page is mostly line breaks and indentation.
    let words = text.split { $0 == " " || $0.isNewline || $0 == "\t" }.joined(separator: " ")
    let shown = words.prefix(Self.shownCharacters)
    return "body \(size): \(shown)" + (isWhole && shown.endIndex == words.endIndex ? "" : "…")
  }

  private static let shownCharacters = 400
}
