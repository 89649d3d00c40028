import PacketLayers
import WireBytes

/// Version 1 of the PROXY protocol (haproxy.org, proxy-protocol.txt §2.1): one line of text.
///
///     PROXY TCP4 203.0.113.5 198.51.100.20 51234 80\r\n
enum ProxyHeader1 {
  static let start: InlineArray<6, UInt8> = [0x50, 0x52, 0x4F, 0x58, 0x59, 0x20]
  /// The longest line, with its end.
  static let longest = 107

  static func mayBegin(_ bytes: Span<UInt8>) -> Bool {
    for index in 0..<min(bytes.count, start.count) where bytes[index] != start[index] { return false }
    return true
  }

  static func parse(_ bytes: Span<UInt8>) -> PreambleParse {
    guard mayBegin(bytes) else { return .other }
    var end = start.count
    while end + 1 < bytes.count, end + 1 < longest, bytes[end] != 0x0D || bytes[end + 1] != 0x0A { end += 1 }
    guard end + 1 < bytes.count, end + 1 < longest else { return bytes.count < longest ? .more : .other }
    let line = bytes.extracting(start.count..<end)
    let words = words(of: line)
    guard let family = words.first else { return .other }
    // What follows UNKNOWN is to be ignored.
    if line.extracting(family).begins(with: "UNKNOWN"), family.count == 7 {
      return .read(
        Preamble(proxyVersion: 1, client: nil, server: nil), clientBytes: end + 2, serverBytes: 0)
    }
    guard words.count == 5, family.count == 4, line.begins(with: "TCP"),
      let source = address(line.extracting(words[1]), family: line[3]),
      let destination = address(line.extracting(words[2]), family: line[3]),
      let sourcePort = AddressText.port(line.extracting(words[3])),
      let destinationPort = AddressText.port(line.extracting(words[4]))
    else { return .other }
    return .read(
      Preamble(
        proxyVersion: 1, client: Preamble.End(address: source, port: sourcePort),
        server: Preamble.End(address: destination, port: destinationPort)),
      clientBytes: end + 2, serverBytes: 0)
  }

  /// The words of a line. Exactly one space separates them; of two spaces the second one makes an empty word.
  private static func words(of line: Span<UInt8>) -> [Range<Int>] {
    var (words, first): ([Range<Int>], Int) = ([], 0)
    for index in 0..<line.count where line[index] == 0x20 {
      words.append(first..<index)
      first = index + 1
    }
    words.append(first..<line.count)
    return words
  }

  private static func address(_ text: Span<UInt8>, family: UInt8) -> IPAddress? {
    switch family {
    case UInt8(ascii: "4"): AddressText.ipv4(text)
    case UInt8(ascii: "6"): AddressText.ipv6(text)
    default: nil
    }
  }
}
