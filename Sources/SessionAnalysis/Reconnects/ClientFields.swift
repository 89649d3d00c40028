import HTTP1
import WireBytes

/// What a request says of its client and of the host that it wants, as hashes.
struct ClientFields {
  /// Of the first Host, whatever its letters' case; nil without one.
  private(set) var host: UInt64?
  /// Of the first User-Agent; nil without one.
  private(set) var userAgent: UInt64?
  /// Of the first Cookie.
  private(set) var cookies = ClientCookies()

  // Nobody's is longer (RFC 1035 §2.3.4), but for a port.
  private static let longestHost = 261

  private static let seed = UInt64.random(in: .min ... .max)

  /// A hash that the process seeds.
  static func hash(_ bytes: Span<UInt8>) -> UInt64 { bytes.hash(seed, UInt64(bytes.count)) }

  /// Other bytes than letters may count as the same, too, which no host name has.
  private static func hashIgnoringCase(_ bytes: Span<UInt8>) -> UInt64 {
    // Browsers write it in lower case.
    for index in 0..<bytes.count where (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(bytes[index]) {
      let lower = bytes.toArray().map { $0 | 0x20 }
      return hash(lower.span)
    }
    return hash(bytes)
  }

  init(_ request: HTTPHead?) {
    guard let request else { return }
    host = request.withValue(of: "Host") {
      Self.hashIgnoringCase($0.extracting(0..<min($0.count, Self.longestHost)))
    }
    userAgent = request.withValue(of: "User-Agent") { Self.hash($0) }
    cookies = request.withValue(of: "Cookie") { ClientCookies($0) } ?? ClientCookies()
  }
}
