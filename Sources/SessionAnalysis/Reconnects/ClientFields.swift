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
    var (host, userAgent): (UInt64?, UInt64?) = (nil, nil)
    var cookies: ClientCookies?
    request.forEachField { name, value in
      // The length and the first letter rule out nearly all others.
      guard let first = name.isEmpty ? nil : name[0] | 0x20 else { return }
      switch (name.count, first) {
      case (4, UInt8(ascii: "h")) where host == nil && name.contains("host", ignoringCase: true):
        host = Self.hashIgnoringCase(value.extracting(0..<min(value.count, Self.longestHost)))
      case (6, UInt8(ascii: "c")) where cookies == nil && name.contains("cookie", ignoringCase: true):
        cookies = ClientCookies(value)
      case (10, UInt8(ascii: "u")) where userAgent == nil && name.contains("user-agent", ignoringCase: true):
        userAgent = Self.hash(value)
      default: break
      }
    }
    (self.host, self.userAgent, self.cookies) = (host, userAgent, cookies ?? ClientCookies())
  }
}
