import WebSocketDecoding
import WireBytes

/// What a Close frame gives as its reason, where that says more than its code.
struct CloseReason {
  /// A peer's words, as they may be shown.
  let text: String
  /// It is about time that passed, or about heartbeats: then what the packets show belongs to it.
  let isOfTime: Bool

  /// Nil without a reason, and for one that only has the words of the code. `shown`: the text as it may be shown.
  init?(_ text: String, shown: String? = nil, code: UInt16) {
    if text.isEmpty { return nil }
    // Every session that ends with a reason asks: characters and sets of words would be most of what its end costs.
    let words = Self.words(of: text.utf8.span)
    if CloseCode.name(code).map({ words.elementsEqual($0.utf8) }) ?? false { return nil }
    self.text = shown ?? text
    isOfTime = Self.isOfTime(words.span)
  }

  /// Its words in lower case with `_` between them, as in the name of a code. What is not ASCII counts as letters.
  private static func words(of text: Span<UInt8>) -> [UInt8] {
    var words: [UInt8] = []
    words.reserveCapacity(text.count)
    var isWithin = false
    for index in text.indices {
      let byte = text[index]
      let lower = byte | 0x20
      guard byte >= 0x80 || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower) else {
        isWithin = false
        continue
      }
      if !isWithin, !words.isEmpty { words.append(UInt8(ascii: "_")) }
      isWithin = true
      words.append(byte >= 0x80 ? byte : lower)
    }
    return words
  }

  private static func isOfTime(_ words: Span<UInt8>) -> Bool {
    var start = 0
    while start < words.count {
      var end = start
      while end < words.count, words[end] != UInt8(ascii: "_") { end += 1 }
      if isOfTime(word: words.extracting(start..<end)) { return true }
      start = end + 1
    }
    return false
  }

  private static func isOfTime(word: Span<UInt8>) -> Bool {
    func isOne(_ texts: StaticString...) -> Bool {
      texts.contains { $0.utf8CodeUnitCount == word.count && word.has($0, at: 0) }
    }
    // The length alone rules out most words.
    return switch word.count {
    case 3: isOne("age")
    case 4: isOne("idle", "ping", "pong")
    case 5: isOne("timed", "pings", "pongs", "alive")
    case 7...:
      isOne("inactive", "inactivity", "lifetime", "duration") || word.contains("timeout")
        || word.contains("heartbeat") || word.contains("keepalive")
    default: false
    }
  }
}
