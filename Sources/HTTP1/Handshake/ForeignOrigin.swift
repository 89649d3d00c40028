import WireBytes

/// How the page that a request comes from differs from the host that is asked.
package enum OriginMismatch {
  /// Another port: browsers call the request cross-origin (RFC 6454 §5), and servers that compare the whole Origin refuse it.
  case port
  /// Another host.
  case host
}

extension HTTPHead {
  /// How Origin (RFC 6454 §7) and Host differ, ignoring letter case. A proxy that puts the name of its upstream in Host says in
  /// X-Forwarded-Host or Forwarded (RFC 7239 §5.3) which host was asked for. The scheme is not compared: a proxy may speak TLS for
  /// the server. Nil where they do not differ, or one of them is missing.
  package var originMismatch: OriginMismatch? {
    func mismatch(_ origin: Span<UInt8>) -> OriginMismatch? {
      let ofHost = withValue(of: "Host") { Self.isWritten($0, in: origin) ? nil : Self.mismatch(origin, $0) }
      guard var least = ofHost ?? nil else { return nil }
      for host in forwardedHosts {
        guard let other = Self.mismatch(origin, host.utf8.span) else { return nil }
        if other == .port { least = .port }
      }
      return least
    }
    return
      (withValue(of: "Origin") { mismatch($0) } ?? withValue(of: "Sec-WebSocket-Origin") { mismatch($0) })
      ?? nil
  }

  /// No name of a host is as long (RFC 1035 §2.3.4), with a scheme and a port or not. There may be thousands of hosts to compare.
  private static let longestCompared = 512

  private static func mismatch(_ origin: Span<UInt8>, _ host: Span<UInt8>) -> OriginMismatch? {
    let origin = origin.extracting(0..<min(origin.count, longestCompared))
    let host = host.extracting(0..<min(host.count, longestCompared))
    guard isSameHost(origin, host) else { return .host }
    return port(in: origin) == port(in: host) ? nil : .port
  }

  /// The hosts that proxies say were asked for.
  private var forwardedHosts: [String] {
    guard has("Forwarded") || has("X-Forwarded-Host") || has("X-Original-Host") else { return [] }
    var hosts = tokens(of: "X-Forwarded-Host") + tokens(of: "X-Original-Host")
    for element in tokens(of: "Forwarded") {
      for parameter in elements(of: element, separatedBy: ASCII.semicolon) {
        guard let equals = parameter.firstIndex(of: "="),
          ASCII.sameIgnoringCase(String(parameter[..<equals]), "host")
        else { continue }
        let value = parameter[parameter.index(after: equals)...]
        hosts.append(String(value.drop { $0 == "\"" }.prefix { $0 != "\"" }))
      }
    }
    return hosts
  }

  /// `https://` and the host as it is: so most pages ask.
  private static func isWritten(_ host: Span<UInt8>, in origin: Span<UInt8>) -> Bool {
    let start = origin.count - host.count
    return start >= 2 && origin[start - 1] == UInt8(ascii: "/") && origin[start - 2] == UInt8(ascii: "/")
      && origin.dropping(start).hasSameBytes(as: host)
  }

  private static func isSameHost(_ origin: Span<UInt8>, _ host: Span<UInt8>) -> Bool {
    let (mine, theirs) = (hostname(in: origin), hostname(in: host))
    guard mine.count == theirs.count else { return false }
    for (a, b) in zip(mine, theirs) where ASCII.lowered(origin[a]) != ASCII.lowered(host[b]) { return false }
    return true
  }

  /// The port in an origin or in the value of Host; nil without one, and for those of HTTP and HTTPS, which may be left out.
  private static func port(in text: Span<UInt8>) -> Int? {
    var index = hostname(in: text).upperBound
    if index < text.count, text[index] == UInt8(ascii: "]") { index += 1 }
    guard index < text.count, text[index] == UInt8(ascii: ":") else { return nil }
    var port = 0
    while index + 1 < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[index + 1]),
      port < 65_536
    {
      index += 1
      port = port * 10 + Int(text[index] - UInt8(ascii: "0"))
    }
    return [0, 80, 443].contains(port) ? nil : port
  }

  /// The place of the host name in an origin or in the value of Host, without scheme and port.
  private static func hostname(in text: Span<UInt8>) -> Range<Int> {
    var start = 0
    if let slash = text.first(UInt8(ascii: "/"), in: 0..<text.count), slash + 1 < text.count,
      text[slash + 1] == UInt8(ascii: "/")
    {
      start = slash + 2
    }
    let isBracketed = start < text.count && text[start] == UInt8(ascii: "[")
    var end = start
    while end < text.count {
      let byte = text[end]
      if isBracketed ? byte == UInt8(ascii: "]") : byte == UInt8(ascii: ":") || byte == UInt8(ascii: "/") {
        break
      }
      end += 1
    }
    return start..<end
  }
}
