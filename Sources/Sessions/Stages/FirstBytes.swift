import HTTP1
import WireBytes

extension Span where Element == UInt8 {
  /// A handshake record, version 3.x, or in the middle of a connection any record (RFC 8446 §5.1, RFC 5246 §6.2.1).
  func beginsWithTLSRecord(isFirst: Bool) -> Bool {
    if isFirst { return self[0] == 0x16 && (count < 2 || self[1] == 3) }
    return count >= 5 && (0x14...0x17).contains(self[0]) && self[1] == 3 && self[2] <= 4
      && uint16(at: 3) <= 16_384 + 2048
  }

  /// How many bytes of empty lines there are at the start.
  var emptyLines: Int {
    var length = 0
    while length < count, self[length] == 0x0D || self[length] == 0x0A { length += 1 }
    return length
  }

  /// A status line, or a request line as far as it is there. Without its first bytes a stream may be anything, and many
  /// things begin with a word and a space.
  var beginsWithHTTPHead: Bool {
    if case .begun = HTTPStart.of(self, from: .server) { return true }
    guard let space = firstIndex(of: 0x20, upTo: 25), space > 2, count > space + 1 else { return false }
    for index in 0..<space where !(0x41...0x5A).contains(self[index]) { return false }
    guard let end = firstIndex(of: 0x0A, upTo: count) else {
      // The path, the absolute form, or the asterisk of OPTIONS.
      return [0x2F, 0x68, 0x2A].contains(self[space + 1])
    }
    let version: [7 of UInt8] = [0x48, 0x54, 0x54, 0x50, 0x2F, 0x31, 0x2E]  // HTTP/1.
    let start = end - (end > 0 && self[end - 1] == 0x0D ? 1 : 0) - 8
    guard start > space else { return false }
    for index in 0..<7 where self[start + index] != version[index] { return false }
    return true
  }

  private func firstIndex(of byte: UInt8, upTo limit: Int) -> Int? {
    for index in 0..<Swift.min(limit, count) where self[index] == byte { return index }
    return nil
  }
}
