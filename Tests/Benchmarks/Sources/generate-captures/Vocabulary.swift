/// Words that messages are made of. One in thirty-two is not ASCII: real chats are not, and a validator's
/// fast path for ASCII alone would otherwise never be left.
enum Vocabulary {
  static let words: [[UInt8]] =
    """
    alpha order price update status user room message value index state config delta snapshot limit market \
    volume bid ask trade open close high low ticker depth level account balance position margin leverage \
    server client node cluster region latency queue worker event metric counter gauge trace span parent \
    child name title body author comment thread channel topic offset partition key token version café \
    the and with for 新用户
    """.split(separator: " ").map { Array($0.utf8) }

  /// Appends words until less than one more would fit below `end`.
  static func append(upTo end: Int, to bytes: inout [UInt8], random: inout SplitMix64) {
    while true {
      let word = words[random.below(words.count)]
      if bytes.count + word.count + 1 > end { return }
      bytes.append(contentsOf: word)
      bytes.append(UInt8(ascii: " "))
    }
  }
}
