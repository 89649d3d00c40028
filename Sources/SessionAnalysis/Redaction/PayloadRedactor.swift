import HTTP1
import WireBytes

/// Hides the values of JSON members with certain names in payloads, so that a report can be shared (docs/redaction.md).
///
/// A value becomes the same mark as other secrets, `[redacted 7f3a]`, and JSON stays JSON. Of what lacks bytes everything after
/// them is hidden: nobody knows which name they ended.
package final class PayloadRedactor {
  private let names: MemberNames
  /// What may be shown of the last payload in which something was hidden.
  @exclusivity(unchecked) private var uncheckedShown: [UInt8] = []
  /// The values that were hidden in it, with those of strings within them; of many the first ones.
  @exclusivity(unchecked) private var uncheckedHidden: [[UInt8]] = []

  private static let mostHidden = 64

  /// Hides members with these names.
  package init(_ names: MemberNames) { self.names = names }

  /// What may be shown of the last payload for which `hides` was true.
  package var shown: [UInt8] { unsafe uncheckedShown }
  /// The first values that were hidden in it, as they were sent: a Close may repeat them.
  package var hidden: [[UInt8]] { unsafe uncheckedHidden }

  /// Whether something of a payload is to be hidden; `shown` is what remains. `known`: the bytes at its start that are in the
  /// capture and can be read.
  package func hides(in payload: Span<UInt8>, known: Int, takesPlainNames: Bool = true) -> Bool {
    let text = payload.extracting(0..<min(known, payload.count))
    var scanner = MemberScanner(names, takesPlainNames: takesPlainNames)
    var (result, copied, hidden) = ([UInt8](), 0, [[UInt8]]())
    while let value = scanner.next(in: text) {
      if result.isEmpty { result.reserveCapacity(text.count + 64) }
      result.append(text, copied..<value.range.lowerBound)
      if let quote = value.quote { result.append(text, quote) }
      result += SecretMark.text(of: text.extracting(value.range)).utf8
      if let quote = value.quote { result.append(text, quote) }
      copied = value.range.upperBound
      Self.note(text.extracting(value.range), in: &hidden)
    }
    let rest = payload.dropping(text.count)
    guard copied > 0 || rest.count > 0 else { return false }
    result.append(text, copied..<text.count)
    if rest.count > 0 { result += SecretMark.text(of: rest).utf8 }
    unsafe (uncheckedShown, uncheckedHidden) = (result, hidden)
    return true
  }

  /// The same for a text. One that is not whole lacks bytes somewhere.
  package func hides(in text: String, isWhole: Bool = true, takesPlainNames: Bool = true) -> Bool {
    let bytes = Array(text.utf8)
    return hides(in: bytes.span, known: isWhole ? bytes.count : 0, takesPlainNames: takesPlainNames)
  }

  /// Keeps a value, and the strings in it if it is an object or array.
  private static func note(_ value: Span<UInt8>, in hidden: inout [[UInt8]]) {
    guard hidden.count < mostHidden else { return }
    guard value.count > 0, value[0] == UInt8(ascii: "{") || value[0] == UInt8(ascii: "[") else {
      hidden.append(value.extracting(first: SecretValues.longest).toArray())
      return
    }
    var (start, place) = (nil as Int?, 0)
    while place < value.count, hidden.count < mostHidden {
      let piece = JSONPiece(in: value, at: place)
      if piece.scalar == 0x22 {
        if let begin = start {
          hidden.append(value.extracting(begin..<place).extracting(first: SecretValues.longest).toArray())
          start = nil
        } else {
          start = piece.end
        }
      }
      place = piece.end
    }
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    for index in range { append(bytes[index]) }
  }
}
