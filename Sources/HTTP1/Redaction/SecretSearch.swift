import WireBytes

/// Finds the secret values of a handshake in sentences. It is made once for all sentences of a handshake, and costs each of them
/// no more than its length, however many values there are.
package struct SecretSearch {
  /// The first 8 to 16 bytes of each value.
  private var starts: Set<[UInt8]> = []
  /// The first 8 bytes of each, which rule out nearly every place.
  private var words: Set<UInt64> = []
  /// The target of the request as sentences have it, and as it may be shown.
  private let target: [UInt8]
  private let shownTarget: [UInt8]

  /// Shorter values would occur in a sentence by chance.
  private static let shortest = 8
  /// A sentence may contain only the start of a value.
  private static let longest = 16

  /// Searches for `values`, and for `target`, which `shownTarget` replaces.
  init(values: [String], target: String, shownTarget: String) {
    (self.target, self.shownTarget) = (Array(target.utf8), Array(shownTarget.utf8))
    for value in values where value.utf8.count >= Self.shortest {
      let start = Array(value.utf8.prefix(Self.longest))
      words.insert(start.span.load(at: 0, as: UInt64.self))
      starts.insert(start)
    }
  }

  /// A sentence with its secret values replaced, even if it contains only the start of one.
  package func redacted(_ sentence: String) -> String {
    let bytes = Array(sentence.utf8)
    var (shown, place) = ([UInt8](), 0)
    while place < bytes.count {
      // The whole target first, because it may contain values too short to be searched for.
      if !target.isEmpty, bytes[place] == ASCII.quote, bytes[place...].starts(with: target) {
        shown += shownTarget
        place += target.count
        continue
      }
      guard let count = start(at: place, in: bytes) else {
        shown.append(bytes[place])
        place += 1
        continue
      }
      place += count
      while place < bytes.count, TokenDetector.isPartOfToken(bytes[place]) { place += 1 }
      shown += Secrets.placeholder.utf8
    }
    return String(decoding: shown, as: UTF8.self)
  }

  /// The length of the longest start that is at `place`; nil if none is.
  private func start(at place: Int, in bytes: [UInt8]) -> Int? {
    guard place + Self.shortest <= bytes.count,
      words.contains(bytes.span.load(at: place, as: UInt64.self))
    else { return nil }
    var count = min(Self.longest, bytes.count - place)
    while count >= Self.shortest {
      if starts.contains(Array(bytes[place..<place + count])) { return count }
      count -= 1
    }
    return nil
  }
}
