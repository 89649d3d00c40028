import WireBytes

extension HTTPHead {
  /// Whether a page from another host makes this request: Origin (RFC 6454 §7) and Host name different hosts, ignoring
  /// ports and letter case. False if either field is missing.
  package var hasForeignOrigin: Bool {
    let isSame: Bool? =
      withValue(of: "Origin") { isSameHost($0) } ?? withValue(of: "Sec-WebSocket-Origin") { isSameHost($0) }
      ?? nil
    return isSame == false
  }

  private func isSameHost(_ origin: Span<UInt8>) -> Bool? {
    let (hosts, named) = (Self.hostname(in: origin), origin)
    return withValue(of: "Host") { host in
      let other = Self.hostname(in: host)
      guard hosts.count == other.count else { return false }
      for (mine, theirs) in zip(hosts, other) where ASCII.lowered(named[mine]) != ASCII.lowered(host[theirs])
      {
        return false
      }
      return true
    }
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
