import HTTP1
import WireBytes

/// The cookies of a request, to tell users behind one address apart: as hashes, which the process seeds, so that nothing of them
/// is kept.
struct ClientCookies: Equatable {
  private let pairs: [Int]

  /// Cookies that are compared; of more the first ones.
  private static let limit = 8

  init(_ request: HTTPHead?) {
    pairs =
      request?.withValue(of: "Cookie") { value in
        var (found, start): ([Int], Int) = ([], 0)
        while start < value.count, found.count < Self.limit {
          while start < value.count, Self.separates(value[start]) { start &+= 1 }
          var end = start
          while end < value.count, value[end] != UInt8(ascii: ";") { end &+= 1 }
          if end > start {
            var hasher = Hasher()
            unsafe value.extracting(start..<end).withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
            found.append(hasher.finalize())
          }
          start = end
        }
        return found
      } ?? []
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
