import Testing
import WireBytes

@Suite struct ByteSearchTests {
  private static let texts: [StaticString] = [
    "a", "key", "cookie", "set-cookie", "sec-websocket-", "proxy-authorization", "api_key", "http/1.1 ",
    "[::1]{x}",
    "12345678", "abcdefgh", "\u{2D}--------",
  ]

  private func isThere(_ text: StaticString, _ bytes: [UInt8], _ place: Int, _ ignoringCase: Bool) -> Bool {
    let wanted = text.withUTF8Buffer { unsafe Array($0) }
    guard place >= 0, place + wanted.count <= bytes.count else { return false }
    return wanted.indices.allSatisfy { index in
      let byte = bytes[place + index]
      return byte == wanted[index]
        || ignoringCase && (0x41...0x5A).contains(byte) && byte + 0x20 == wanted[index]
    }
  }

  @Test(
    "A text is found where it stands, in capitals only when letter case does not count",
    arguments: [false, true])
  func found(ignoringCase: Bool) {
    for text in Self.texts {
      let wanted = text.withUTF8Buffer { unsafe Array($0) }
      // Every byte of it is changed to every other value, before and after other bytes.
      for changed in wanted.indices {
        for value in UInt8.min ... .max {
          var bytes: [UInt8] = [0x20] + wanted + [0x61]
          bytes[1 + changed] = value
          for place in -1...2 {
            let found = bytes.span.has(text, at: place, ignoringCase: ignoringCase)
            #expect(found == isThere(text, bytes, place, ignoringCase), "\(text) \(bytes) at \(place)")
          }
          let contained = bytes.span.contains(text, ignoringCase: ignoringCase)
          let expected = bytes.indices.contains { isThere(text, bytes, $0, ignoringCase) }
          #expect(contained == expected, "\(text) \(bytes)")
        }
      }
      let capitals: [UInt8] = wanted.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
      #expect(
        capitals.span.has(text, at: 0, ignoringCase: ignoringCase) == (ignoringCase || capitals == wanted))
    }
  }
}
