import WireBytes

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The characters that HTTP's grammar is made of.
enum ASCII {
  static let tab: UInt8 = 0x09
  static let lf: UInt8 = 0x0A
  static let cr: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let quote: UInt8 = 0x22
  static let comma: UInt8 = 0x2C
  static let colon: UInt8 = 0x3A
  static let semicolon: UInt8 = 0x3B
  static let equals: UInt8 = 0x3D
  static let backslash: UInt8 = 0x5C

  /// White space around values; line ends count, because a folded value contains them.
  static func isSpace(_ byte: UInt8) -> Bool { byte == space || byte == tab || byte == cr || byte == lf }

  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  static func lowered(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

  /// `tchar`, RFC 9110 §5.6.2.
  static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
    default: false
    }
  }

  static func sameIgnoringCase(_ a: String, _ b: String) -> Bool {
    let (x, y) = (a.utf8.span, b.utf8.span)
    guard x.count == y.count else { return false }
    for index in 0..<x.count where x[index] != y[index] {
      guard lowered(x[index]) == lowered(y[index]) else { return false }
    }
    return true
  }

  /// Whether `text` is one or more token characters.
  static func isToken(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy { isToken($0) } }
}

extension Span where Element == UInt8 {
  /// The text of a part; bytes that are not UTF-8 become U+FFFD.
  func text(_ range: Range<Int>) -> String {
    unsafe extracting(range).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }

  /// Whether the part is `name`; with letter case aside, `name` must be in lower case.
  func part(_ range: Range<Int>, is name: StaticString, ignoringCase: Bool = true) -> Bool {
    guard range.count == name.utf8CodeUnitCount else { return false }
    for index in 0..<range.count {
      let seen = self[range.lowerBound + index]
      // Safe: a StaticString lives forever, and its length was compared above.
      let wanted = unsafe name.utf8Start[index]
      if (ignoringCase ? ASCII.lowered(seen) : seen) != wanted { return false }
    }
    return true
  }

  /// `range` without white space at its ends.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, ASCII.isSpace(self[start]) { start += 1 }
    while start < end, ASCII.isSpace(self[end - 1]) { end -= 1 }
    return start..<end
  }

  /// The first `byte` in `range`.
  func first(_ byte: UInt8, in range: Range<Int>) -> Int? {
    unsafe extracting(range).withUnsafeBytes { part in
      guard let start = part.baseAddress, let found = unsafe memchr(start, Int32(byte), part.count)
      else {
        return nil
      }
      return range.lowerBound &+ (unsafe UnsafeRawPointer(found) - start)
    }
  }
}

extension Span where Element == UInt8 {
  /// FIN and a known opcode, or the first fragment of a message, and no mask (RFC 6455 §5.2).
  var mayBeginServerFrame: Bool {
    guard let first = isEmpty ? nil : self[0] else { return false }
    let isKnown: Bool =
      switch first & 0xBF {
      case 0x80, 0x81, 0x82, 0x88, 0x89, 0x8A, 0x01, 0x02, 0x00: true
      default: false
      }
    return isKnown && (count < 2 || self[1] & 0x80 == 0)
  }
}

/// What the first bytes of a stream can be.
package enum HTTPStart {
  /// A method and a space, or `HTTP/1.` and a digit.
  case begun
  /// Too short to say.
  case undecided
  /// Certainly not HTTP/1.x from this side.
  case other

  /// Methods in the registry end at 16 letters (UPDATEREDIRECTREF is 17).
  static let longestMethod = 24

  /// Looks at the beginning of a stream that `side` sends. Cheap: at most 25 bytes.
  package static func of(_ bytes: Span<UInt8>, from side: Side) -> HTTPStart {
    side == .client ? request(bytes) : response(bytes)
  }

  /// method SP, RFC 9112 §3
  private static func request(_ bytes: Span<UInt8>) -> HTTPStart {
    for index in 0..<min(bytes.count, longestMethod + 1) where !ASCII.isToken(bytes[index]) {
      return index > 0 && bytes[index] == ASCII.space ? .begun : .other
    }
    return bytes.count > longestMethod ? .other : .undecided
  }

  /// HTTP-version = "HTTP" "/" DIGIT "." DIGIT, RFC 9112 §2.3; letter case counts
  private static func response(_ bytes: Span<UInt8>) -> HTTPStart {
    let wanted: [7 of UInt8] = [0x48, 0x54, 0x54, 0x50, 0x2F, 0x31, 0x2E]  // HTTP/1.
    for index in 0..<min(bytes.count, 7) where bytes[index] != wanted[index] { return .other }
    guard bytes.count > 7 else { return .undecided }
    return ASCII.isDigit(bytes[7]) ? .begun : .other
  }
}

/// The first line of a head, as ranges of its bytes.
struct StartLine: Sendable {
  /// Of a request; empty for a response.
  var method = 0..<0
  var target = 0..<0
  /// The x of HTTP/1.x; nil where it was cut off.
  var minorVersion: UInt8? = 1
  /// Of a response; 0 for a request.
  var status = 0
  var reason = 0..<0

  /// Reads `line`, which may end with its CR LF; nil when it is no HTTP/1.x start line from that side.
  init?(_ bytes: Span<UInt8>, upTo end: Int, from side: Side) {
    let line = bytes.trimmed(0..<end)
    if side == .client {
      // request-line = method SP request-target SP HTTP-version, RFC 9112 §3. A target with a space in it
      // is wrong, but its head can be read: the version is what follows the last space.
      guard let space = bytes.first(ASCII.space, in: line), space > 0 else { return nil }
      var last = line.upperBound
      while last > space, bytes[last - 1] != ASCII.space { last -= 1 }
      guard let version = Self.version(bytes, last..<line.upperBound) else { return nil }
      method = 0..<space
      for index in method where !ASCII.isToken(bytes[index]) { return nil }
      target = last > space + 1 ? bytes.trimmed(space..<last) : space..<space
      guard !target.isEmpty else { return nil }
      minorVersion = version
    } else {
      // status-line = HTTP-version SP status-code SP [ reason-phrase ], RFC 9112 §4
      guard line.count >= 12, line.lowerBound == 0, bytes[8] == ASCII.space,
        let version = Self.version(bytes, 0..<8)
      else { return nil }
      for index in 9..<12 {
        guard ASCII.isDigit(bytes[index]) else { return nil }
        status = status * 10 + Int(bytes[index] - 0x30)
      }
      guard status >= 100, line.count == 12 || bytes[12] == ASCII.space else { return nil }
      reason = bytes.trimmed(12..<line.upperBound)
      minorVersion = version
    }
  }

  /// Reads what there is of a request line that was cut: a method, and the target or its start.
  init?(cutRequest bytes: Span<UInt8>) {
    guard let space = bytes.first(ASCII.space, in: 0..<bytes.count), space > 0 else { return nil }
    method = 0..<space
    for index in method where !ASCII.isToken(bytes[index]) { return nil }
    let end = bytes.first(ASCII.space, in: space + 1..<bytes.count) ?? bytes.count
    target = bytes.trimmed(space + 1..<end)
    minorVersion = nil
  }

  /// The x of `HTTP/1.x`.
  private static func version(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt8? {
    guard range.count == 8, case .begun = HTTPStart.of(bytes.extracting(range), from: .server) else {
      return nil
    }
    return bytes[range.upperBound - 1] - 0x30
  }
}

/// One field of a head, as ranges of its bytes.
struct FieldLine: Sendable {
  var name: Range<Int>
  var value: Range<Int>
  /// obs-fold, RFC 9112 §5.2
  var isFolded = false
  var hasBareLineFeed = false
  /// No colon, no name, or white space around the name (RFC 9112 §5.1).
  var isMalformed = false
}

/// Walks the lines of a head, from `offset` to the empty line.
struct FieldCursor {
  var offset: Int

  mutating func next(in bytes: Span<UInt8>) -> FieldLine? {
    guard let first = line(in: bytes), !first.content.isEmpty else { return nil }
    var field = FieldLine(name: first.content, value: first.content, hasBareLineFeed: first.isBare)
    var end = first.content.upperBound
    while offset < bytes.count, bytes[offset] == ASCII.space || bytes[offset] == ASCII.tab,
      let more = line(in: bytes)
    {
      end = more.content.upperBound
      field.isFolded = true
      field.hasBareLineFeed = field.hasBareLineFeed || more.isBare
    }
    guard let colon = bytes.first(ASCII.colon, in: first.content) else {
      (field.name, field.value) = (end..<end, bytes.trimmed(first.content.lowerBound..<end))
      field.isMalformed = true
      return field
    }
    field.name = bytes.trimmed(first.content.lowerBound..<colon)
    field.isMalformed = field.name.isEmpty || field.name != first.content.lowerBound..<colon
    field.value = bytes.trimmed(colon + 1..<end)
    return field
  }

  private mutating func line(in bytes: Span<UInt8>) -> (content: Range<Int>, isBare: Bool)? {
    guard let lf = bytes.first(ASCII.lf, in: offset..<bytes.count) else { return nil }
    let isBare = lf == offset || bytes[lf - 1] != ASCII.cr
    let content = offset..<(isBare ? lf : lf - 1)
    offset = lf + 1
    return (content, isBare)
  }
}

/// Walks the elements of a list, `#element` of RFC 9110 §5.6.1: commas inside quoted strings do not split,
/// empty elements do not count.
struct ElementCursor {
  var rest: Range<Int>
  /// What stands between elements: the comma of lists, the semicolon of parameters.
  var separator = ASCII.comma

  mutating func next(in bytes: Span<UInt8>) -> Range<Int>? {
    while !rest.isEmpty {
      var (index, quoted) = (rest.lowerBound, false)
      while index < rest.upperBound, quoted || bytes[index] != separator {
        if bytes[index] == ASCII.quote { quoted.toggle() }
        // quoted-pair, RFC 9110 §5.6.4
        if quoted, bytes[index] == ASCII.backslash { index += 1 }
        index += 1
      }
      let end = min(index, rest.upperBound)
      let element = bytes.trimmed(rest.lowerBound..<end)
      rest = min(end + 1, rest.upperBound)..<rest.upperBound
      if !element.isEmpty { return element }
    }
    return nil
  }
}
