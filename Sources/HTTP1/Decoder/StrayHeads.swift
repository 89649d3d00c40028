import WireBytes

/// Heads where the body of another message should go on.
extension Span where Element == UInt8 {
  /// Whether the bytes begin with a status line: `HTTP/1.1 403 `.
  var beginsStatusLine: Bool {
    guard count >= 12, case .begun = HTTPStart.of(self, from: .server), self[8] == ASCII.space,
      (0x31...0x35).contains(self[9]), ASCII.isDigit(self[10]), ASCII.isDigit(self[11])
    else { return false }
    return count == 12 || ASCII.isSpace(self[12])
  }

  /// Whether the bytes begin with a 101 that answers `request`: its accept fits the key, or it was cut before that. Without a
  /// request it must be whole, and have an accept.
  func isSwitch(answering request: HTTPHead?, at position: StreamPosition) -> Bool {
    guard beginsStatusLine, has("101", at: 9),
      let head = BorrowedHead(cut: self, from: .server, start: position, end: position)
    else { return false }
    let response = HTTPHead(head)
    var scan = LineScan()
    let isWhole = scan.end(in: self) != nil
    guard let request else { return isWhole && response.has("Sec-WebSocket-Accept") }
    if response.has("Sec-WebSocket-Accept") {
      return request.expectedAccept.map { response.acceptIs($0) } ?? false
    }
    return !isWhole && response.concernsWebSocket
  }

  /// A request for an upgrade to WebSocket that these bytes are, from the first one to the last one; nil if they are not.
  func upgradeRequest(at position: StreamPosition) -> HTTPHead? {
    guard count > 14, self[count - 1] == ASCII.lf, has("GET ", at: 0) else { return nil }
    var scan = LineScan()
    guard scan.end(in: self) == count,
      let head = BorrowedHead(
        self, from: .client, start: position, end: position.advanced(by: count - 1)),
      head.concernsWebSocket
    else { return nil }
    return HTTPHead(head)
  }
}
