import WireBytes

/// For whom a proxy says that it asks. Nothing vouches for it.
package enum ForwardedClient {
  /// The first address of X-Forwarded-For, X-Real-IP, or the first `for` of Forwarded (RFC 7239 §5.2); nil where no proxy says so.
  package static func address(in request: HTTPHead) -> String? {
    for name in ["X-Forwarded-For", "X-Real-IP"] as [StaticString] {
      guard let first = request[name]?.split(separator: ",").first else { continue }
      let address = first.trimmed
      if !address.isEmpty { return address }
    }
    guard let first = request["Forwarded"]?.split(separator: ",").first else { return nil }
    for parameter in first.split(separator: ";") {
      let parts = parameter.split(separator: "=", maxSplits: 1)
      if parts.count == 2, ASCII.sameIgnoringCase(parts[0].trimmed, "for") { return parts[1].trimmed }
    }
    return nil
  }
}

extension Substring {
  fileprivate var trimmed: String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    var rest = drop(while: isSpace)
    while let last = rest.last, isSpace(last) { rest.removeLast() }
    return String(rest)
  }
}
