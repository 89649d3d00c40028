import PacketLayers
import WireBytes

/// Addresses, names and ports as text.
enum AddressText {
  /// `10.0.0.1`
  static func ipv4(_ text: Span<UInt8>) -> IPAddress? { octets(text).map { IPAddress(ipv4: $0) } }

  /// `2001:db8::1`, and with an IPv4 address at its end (RFC 4291 §2.2).
  static func ipv6(_ text: Span<UInt8>) -> IPAddress? {
    guard text.count >= 2, text.count <= 45 else { return nil }
    var groups: [UInt16] = []
    // How many groups precede the two colons.
    var gap: Int?
    var place = 0
    if text[0] == colon {
      guard text[1] == colon else { return nil }
      (gap, place) = (0, 2)
    }
    while place < text.count {
      guard groups.count < 8 else { return nil }
      var end = place
      while end < text.count, text[end] != colon { end += 1 }
      let part = text.extracting(place..<end)
      if end == text.count, let last = octets(part) {
        groups += [UInt16(truncatingIfNeeded: last >> 16), UInt16(truncatingIfNeeded: last)]
        place = end
        break
      }
      guard let group = group(part) else { return nil }
      groups.append(group)
      place = end + 1
      if end == text.count { break }
      if place == text.count { return nil }
      if text[place] == colon {
        guard gap == nil else { return nil }
        (gap, place) = (groups.count, place + 1)
      }
    }
    guard groups.count <= 8, gap == nil ? groups.count == 8 : groups.count < 8 else { return nil }
    if let gap { groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap) }
    func half(_ start: Int) -> UInt64 { (0..<4).reduce(0) { $0 << 16 | UInt64(groups[start + $1]) } }
    return IPAddress(high: half(0), low: half(4))
  }

  /// A decimal number below 65,536.
  static func port(_ text: Span<UInt8>) -> UInt16? { number(text, below: 65_536).map { UInt16($0) } }

  /// A host name, or whatever else has no white space and no control characters.
  static func host(_ bytes: Span<UInt8>) -> String? {
    guard bytes.count > 0 else { return nil }
    for index in bytes.indices where bytes[index] <= 0x20 || bytes[index] == 0x7F { return nil }
    return String(decoding: bytes.toArray(), as: UTF8.self)
  }

  /// `10.0.0.1:80`, `[2001:db8::1]:80`
  static func hostAndPort(_ address: IPAddress, _ port: UInt16) -> String {
    address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
  }

  private static let colon = UInt8(ascii: ":")

  private static func octets(_ text: Span<UInt8>) -> UInt32? {
    guard text.count >= 7, text.count <= 15 else { return nil }
    var (value, count, first) = (UInt32(0), 0, 0)
    for index in 0...text.count where index == text.count || text[index] == UInt8(ascii: ".") {
      guard count < 4, let octet = number(text.extracting(first..<index), below: 256) else { return nil }
      (value, count, first) = (value << 8 | octet, count + 1, index + 1)
    }
    return count == 4 ? value : nil
  }

  private static func group(_ text: Span<UInt8>) -> UInt16? {
    guard text.count >= 1, text.count <= 4 else { return nil }
    var value: UInt16 = 0
    for index in text.indices {
      let digit: UInt8
      switch text[index] {
      case 0x30...0x39: digit = text[index] - 0x30
      case 0x41...0x46: digit = text[index] - 0x41 + 10
      case 0x61...0x66: digit = text[index] - 0x61 + 10
      default: return nil
      }
      value = value << 4 | UInt16(digit)
    }
    return value
  }

  private static func number(_ text: Span<UInt8>, below limit: UInt32) -> UInt32? {
    guard text.count >= 1, text.count <= 5 else { return nil }
    var value: UInt32 = 0
    for index in text.indices {
      guard (0x30...0x39).contains(text[index]) else { return nil }
      value = value * 10 + UInt32(text[index] - 0x30)
    }
    return value < limit ? value : nil
  }
}
