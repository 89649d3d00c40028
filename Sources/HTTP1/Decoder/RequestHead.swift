import WireBytes

/// Looks at bytes that may be the head of a request, where no exchange is read.
package enum RequestHead {
  /// Characters of a request line that are quoted.
  private static let quotedLimit = 100

  /// Whether a line, without its end, is the request line of a GET that can be read.
  package static func isRequestLine(_ line: Span<UInt8>) -> Bool {
    guard let parsed = StartLine(line, upTo: line.count, from: .client),
      line.part(parsed.method, is: "GET", ignoringCase: false)
    else { return false }
    // Binary bytes may hold the same letters.
    for index in 0..<line.count where line[index] < 0x20 && line[index] != ASCII.cr { return false }
    return true
  }

  /// Whether a line can be text that somebody wrote.
  package static func isText(_ line: Span<UInt8>) -> Bool {
    for index in 0..<line.count
    where line[index] < 0x20 && line[index] != ASCII.tab && line[index] != ASCII.cr || line[index] == 0x7F {
      return false
    }
    return true
  }

  /// Whether a line is a field, or goes on with the field before it (obs-fold, RFC 9112 §5.2).
  package static func isFieldLine(_ line: Span<UInt8>) -> Bool {
    guard line.count > 0 else { return false }
    if line[0] == ASCII.space || line[0] == ASCII.tab { return true }
    guard let colon = line.first(ASCII.colon, in: 0..<line.count) else { return false }
    let name = line.trimmed(0..<colon)
    for index in name where !ASCII.isToken(line[index]) { return false }
    return name.lowerBound == 0 && !name.isEmpty
  }

  /// Whether a head, from its first line on and as far as it goes, asks for an upgrade to WebSocket. Its first line need not be
  /// a request line.
  package static func asksForWebSocket(_ head: Span<UInt8>) -> Bool {
    guard let lf = head.first(ASCII.lf, in: 0..<head.count) else { return false }
    let start: StaticString = "GET / HTTP/1.1\r\n"
    let readable = start.withUTF8Buffer { unsafe Array($0) } + head.dropping(lf + 1).toArray()
    let place = StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0))
    guard let parsed = BorrowedHead(cut: readable.span, from: .client, start: place, end: place) else {
      return false
    }
    return parsed.concernsWebSocket
  }

  /// The first line of a head.
  package static func firstLine(of head: Span<UInt8>) -> [UInt8] {
    let end = head.first(ASCII.lf, in: 0..<head.count) ?? head.count
    return head.extracting(head.trimmed(0..<end)).toArray()
  }

  /// A first line as it can be shown: shortened. `hidesSecrets`: as a request line, a field, or what else it may be.
  package static func shown(firstLine line: [UInt8], hidesSecrets: Bool) -> String {
    let text = hidesSecrets ? Secrets.redacted(line: line.span) : String(decoding: line, as: UTF8.self)
    guard text.unicodeScalars.count > quotedLimit else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.prefix(quotedLimit))) + "…"
  }
}
