import WireBytes

/// The first line of a head, as ranges of its bytes.
struct StartLine: Sendable {
  /// The method of a request; empty for a response.
  var method = 0..<0
  /// The target of a request; empty for a response.
  var target = 0..<0
  /// The x of HTTP/1.x; nil if it is not in the capture.
  var minorVersion: UInt8? = 1
  /// The status code of a response; 0 for a request.
  var status = 0
  /// The reason phrase of a response; empty for a request.
  var reason = 0..<0

  /// Reads the line up to `end`, which may include its CR LF; nil if it is not an HTTP/1.x start line of that side.
  init?(_ bytes: Span<UInt8>, upTo end: Int, from side: Side) {
    let line = bytes.trimmed(0..<end)
    if side == .client {
      // request-line = method SP request-target SP HTTP-version, RFC 9112 §3. A target that
      // contains a space is wrong, but its head can be read: the version follows the last space.
      guard let space = bytes.first(ASCII.space, in: line), space > 0 else { return nil }
      var last = line.upperBound
      while last > space, bytes[last - 1] != ASCII.space { last -= 1 }
      guard let version = Self.version(bytes, last..<line.upperBound) else { return nil }
      method = 0..<space
      for index in method where !ASCII.isToken(bytes[index]) { return nil }
      target = last > space + 1 ? bytes.trimmed(space..<last) : space..<space
      guard !target.isEmpty else { return nil }
      minorVersion = version
    } else {
      // status-line = HTTP-version SP status-code SP [ reason-phrase ], RFC 9112 §4
      guard line.count >= 12, line.lowerBound == 0, bytes[8] == ASCII.space,
        let version = Self.version(bytes, 0..<8)
      else { return nil }
      for index in 9..<12 {
        guard ASCII.isDigit(bytes[index]) else { return nil }
        status = status * 10 + Int(bytes[index] - 0x30)
      }
      guard status >= 100, line.count == 12 || bytes[12] == ASCII.space else { return nil }
      reason = bytes.trimmed(12..<line.upperBound)
      minorVersion = version
    }
  }

  /// Reads the start of a request line: a method, and the target or the start of it.
  init?(cutRequest bytes: Span<UInt8>) {
    guard let space = bytes.first(ASCII.space, in: 0..<bytes.count), space > 0 else { return nil }
    method = 0..<space
    for index in method where !ASCII.isToken(bytes[index]) { return nil }
    let end = bytes.first(ASCII.space, in: space + 1..<bytes.count) ?? bytes.count
    target = bytes.trimmed(space + 1..<end)
    minorVersion = nil
  }

  /// The x of `HTTP/1.x`.
  private static func version(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt8? {
    guard range.count == 8, case .begun = HTTPStart.of(bytes.extracting(range), from: .server) else {
      return nil
    }
    return bytes[range.upperBound - 1] - 0x30
  }
}
