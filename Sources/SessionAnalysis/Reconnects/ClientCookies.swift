import WireBytes

/// The cookies of a request, to tell users behind one address apart: as hashes, which the process seeds, so that nothing of them
/// is kept.
struct ClientCookies: Equatable {
  private var pairs = InlineArray<8, UInt32>(repeating: 0)
  /// How many of them are cookies; of more than eight the first ones are compared.
  private var count: UInt8 = 0

  /// None.
  init() {}

  /// Those of a Cookie field.
  init(_ value: Span<UInt8>) {
    var start = 0
    while start < value.count, Int(count) < pairs.count {
      while start < value.count, Self.separates(value[start]) { start &+= 1 }
      let end = value.first(UInt8(ascii: ";"), in: start..<value.count) ?? value.count
      if end > start {
        pairs[Int(count)] = UInt32(truncatingIfNeeded: ClientFields.hash(value.extracting(start..<end)))
        count &+= 1
      }
      start = end
    }
  }

  private static func separates(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ";") || byte == UInt8(ascii: " ")
  }

  static func == (left: ClientCookies, right: ClientCookies) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<Int(left.count) where left.pairs[index] != right.pairs[index] { return false }
    return true
  }

  /// Whether one user may have both. Servers change some of their cookies with each answer, such as those of load balancers.
  func mayBelong(with other: ClientCookies) -> Bool {
    var shared = 0
    for mine in 0..<Int(count) {
      for index in 0..<Int(other.count) where other.pairs[index] == pairs[mine] {
        shared += 1
        break
      }
    }
    return shared * 2 >= max(Int(count), Int(other.count))
  }
}
