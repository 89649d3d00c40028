import WireBytes

extension HTTPHead {
  /// Whether a page from another host makes this request: Origin (RFC 6454 §7) and Host name different hosts, ignoring
  /// ports and letter case. A proxy that puts the name of its upstream in Host says in X-Forwarded-Host or Forwarded
  /// (RFC 7239 §5.3) which host was asked for. False if Origin or Host is missing.
  package var hasForeignOrigin: Bool {
    withValue(of: "Origin") { isForeign($0) } ?? withValue(of: "Sec-WebSocket-Origin") { isForeign($0) }
      ?? false
  }

  private func isForeign(_ origin: Span<UInt8>) -> Bool {
    guard withValue(of: "Host", { !Self.isSameHost(origin, $0) }) == true else { return false }
    return !forwardedHosts.contains { Self.isSameHost(origin, $0.utf8.span) }
  }

  /// The hosts that proxies say were asked for.
  private var forwardedHosts: [String] {
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

  private static func isSameHost(_ origin: Span<UInt8>, _ host: Span<UInt8>) -> Bool {
    let (mine, theirs) = (hostname(in: origin), hostname(in: host))
    guard mine.count == theirs.count else { return false }
    for (a, b) in zip(mine, theirs) where ASCII.lowered(origin[a]) != ASCII.lowered(host[b]) { return false }
    return true
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
