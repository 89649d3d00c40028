import WireBytes

/// The cookies of a request, to tell users behind one address apart: as hashes, which the process seeds, so that nothing of them
/// is kept.
struct ClientCookies: Equatable {
  private let pairs: [UInt64]

  /// Cookies that are compared; of more the first ones.
  private static let limit = 8

  /// None.
  init() { pairs = [] }

  /// Those of a Cookie field.
  init(_ value: Span<UInt8>) {
    var (found, start): ([UInt64], Int) = ([], 0)
    while start < value.count, found.count < Self.limit {
      while start < value.count, Self.separates(value[start]) { start &+= 1 }
      var end = start
      while end < value.count, value[end] != UInt8(ascii: ";") { end &+= 1 }
      if end > start {
        if found.isEmpty { found.reserveCapacity(4) }
        found.append(ClientFields.hash(value.extracting(start..<end)))
      }
      start = end
    }
    pairs = found
  }

  private static func separates(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ";") || byte == UInt8(ascii: " ")
  }

  /// Whether one user may have both. Servers change some of their cookies with each answer, such as those of load balancers.
  func mayBelong(with other: ClientCookies) -> Bool {
    let shared = pairs.count { other.pairs.contains($0) }
    return shared * 2 >= max(pairs.count, other.pairs.count)
  }
}
