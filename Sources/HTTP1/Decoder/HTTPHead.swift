import WireBytes

/// The head of an HTTP/1.x message: its start line and its fields, as they were sent.
///
/// It keeps the bytes and the places of the fields in them; strings are made on demand, because most heads are asked a few
/// questions and never shown. Bytes that are not UTF-8 become U+FFFD; the lines of a folded value are joined by one space.
public struct HTTPHead: Sendable {
  /// Whether a head is a request or a response.
  public enum Kind: Sendable {
    /// `GET / HTTP/1.1`
    case request
    /// `HTTP/1.1 101 Switching Protocols`
    case response
  }

  /// Shared by all copies of a head, because a head is passed on several times.
  private final class Content: Sendable {
    let side: Side
    let bytes: [UInt8]
    let line: StartLine
    let fields: [FieldLine]
    /// By a few bits of a name, the first field that may be called so: every handshake asks for twenty.
    let candidates: Candidates
    let start: StreamPosition
    let end: StreamPosition
    let anomalies: [Anomaly]
    let isCut: Bool

    init(_ head: borrowing BorrowedHead) {
      (side, bytes, line) = (head.side, head.bytes.toArray(), head.line)
      (start, end, anomalies, isCut) = (head.start, head.end, head.anomalies, head.isCut)
      fields = head.fields
      var found = Candidates()
      for (index, field) in head.fields.enumerated() { found.add(field.name, in: head.bytes, at: index) }
      candidates = found
    }
  }

  /// Where to begin to search for a field: all fields of one name have one place.
  private struct Candidates {
    /// By place, the first field; those from 254 on count as one.
    private var first = InlineArray<32, UInt8>(repeating: .max)
    /// Places of more than one field.
    private var repeated: UInt32 = 0

    /// Worked out from the length and both ends of a name, whatever its letters' case.
    @inline(__always)
    private static func place(_ length: Int, _ first: UInt8, _ last: UInt8) -> Int {
      Int((UInt32(truncatingIfNeeded: length) &* 7 &+ UInt32(first | 0x20) &* 3 &+ UInt32(last | 0x20)) & 31)
    }

    mutating func add(_ name: Range<Int>, in bytes: Span<UInt8>, at index: Int) {
      guard !name.isEmpty else { return }
      let place = Self.place(name.count, bytes[name.lowerBound], bytes[name.upperBound &- 1])
      if first[place] == .max {
        first[place] = UInt8(min(index, 254))
      } else {
        repeated |= 1 &<< UInt32(place)
      }
    }

    @inline(__always)
    private static func place(_ name: StaticString) -> Int {
      let length = name.utf8CodeUnitCount
      // Safe: a StaticString lives forever, and no name is empty.
      return unsafe place(length, name.utf8Start[0], name.utf8Start[length &- 1])
    }

    /// The first field that may be called `name`; nil if none is.
    @inline(__always)
    func first(_ name: StaticString) -> Int? {
      let index = first[Self.place(name)]
      return index == .max ? nil : Int(index)
    }

    /// Whether more than one field may be called `name`.
    @inline(__always)
    func mayRepeat(_ name: StaticString) -> Bool { repeated & (1 &<< UInt32(Self.place(name))) != 0 }
  }

  private let content: Content

  /// Copies a head from the packet that brought it.
  package init(_ head: borrowing BorrowedHead) { content = Content(head) }

  /// Request or response.
  public var kind: Kind { content.side == .client ? .request : .response }
  /// `GET`; empty in a response.
  public var method: String { text(content.line.method) }
  /// The request target as sent; empty in a response.
  public var target: String { text(content.line.target) }
  /// `1.1`; nil if it is not in the capture.
  public var version: String? { content.line.minorVersion.map { "1." + String($0) } }
  /// The x of HTTP/1.x.
  var minorVersion: UInt8? { content.line.minorVersion }
  /// 101; 0 in a request.
  public var status: Int { content.line.status }
  /// `Switching Protocols`; empty in a request.
  public var reason: String { text(content.line.reason) }
  /// Whether its rest is not in the capture: the target may be incomplete, and there may be more fields than are known.
  public var isCut: Bool { content.isCut }
  /// The position of the first byte of the start line.
  public var start: StreamPosition { content.start }
  /// The position of the last captured byte of the head.
  public var end: StreamPosition { content.end }
  /// What is wrong with its syntax. It can be read nevertheless.
  public var anomalies: [Anomaly] { content.anomalies }

  /// All fields, in the order and letter case in which they were sent.
  public var headers: [(name: String, value: String)] {
    content.fields.map { (text($0.name), value($0)) }
  }

  /// Calls `body` with the name and the value of each field in order, as bytes: `headers` without strings.
  package func forEachField(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
    let bytes = content.bytes
    for field in content.fields {
      let name = bytes.span.extracting(field.name)
      if field.isFolded {
        let joined = unfolded(bytes.span.extracting(field.value))
        body(name, joined.span)
      } else {
        body(name, bytes.span.extracting(field.value))
      }
    }
  }

  /// The values of all fields called `name`, ignoring letter case.
  public func values(of name: StaticString) -> [String] {
    var values: [String] = []
    var found = index(of: name)
    while let index = found {
      values.append(value(content.fields[index]))
      found = self.index(of: name, from: index + 1)
    }
    return values
  }

  /// The value of the first field called `name`, ignoring letter case.
  public subscript(name: StaticString) -> String? { index(of: name).map { value(content.fields[$0]) } }

  /// Whether there is a field called `name`, ignoring letter case.
  public func has(_ name: StaticString) -> Bool { index(of: name) != nil }

  /// Whether it was cut within `line`, which is in lower case: after `shortest` characters of it or more.
  func isCut(within line: StaticString, after shortest: Int) -> Bool {
    guard content.isCut, let lf = content.bytes.lastIndex(of: ASCII.lf) else { return false }
    let rest = lf + 1..<content.bytes.count
    guard rest.count >= shortest, rest.count <= line.utf8CodeUnitCount else { return false }
    let bytes = content.bytes
    for (index, place) in rest.enumerated() {
      let wanted = line.withUTF8Buffer { unsafe $0[index] }
      if ASCII.lowered(bytes[place]) != wanted { return false }
    }
    return true
  }

  /// Whether it was cut within its first line.
  var isCutInStartLine: Bool { content.isCut && !content.bytes.contains(ASCII.lf) }

  /// Calls `body` with the field within whose line it was cut: it counts as none, but what was captured of its value may be secret.
  func withCutField(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
    guard content.isCut, let lf = content.bytes.lastIndex(of: ASCII.lf) else { return }
    let bytes = content.bytes
    let rest = lf + 1..<bytes.count
    guard let first = bytes[rest].first else { return }
    let value: Range<Int>
    let name: Range<Int>
    if first == ASCII.space || first == ASCII.tab {
      guard let folded = content.fields.last else { return }
      (name, value) = (folded.name, rest)
    } else if let colon = bytes.span.first(ASCII.colon, in: rest) {
      (name, value) = (bytes.span.trimmed(rest.lowerBound..<colon), colon + 1..<rest.upperBound)
    } else {
      (name, value) = (rest.lowerBound..<rest.lowerBound, rest)
    }
    body(bytes.span.extracting(name), bytes.span.extracting(bytes.span.trimmed(value)))
  }

  /// What tells it from other heads.
  package var identity: HeadIdentity {
    let bytes = content.bytes
    return HeadIdentity(bytes.span, isCut: isCut)
  }

  /// Whether there is more than one field called `name`.
  func repeats(_ name: StaticString) -> Bool {
    guard content.candidates.mayRepeat(name), let first = index(of: name) else { return false }
    return index(of: name, from: first + 1) != nil
  }

  /// The result of `body` for the value of the first field called `name`; nil without such a field.
  package func withValue<Result>(of name: StaticString, _ body: (Span<UInt8>) -> Result) -> Result? {
    guard let index = index(of: name) else { return nil }
    let (field, bytes) = (content.fields[index], content.bytes)
    if field.isFolded {
      let joined = unfolded(bytes.span.extracting(field.value))
      return body(joined.span)
    }
    return body(bytes.span.extracting(field.value))
  }

  /// The result of `body` for the method and the target of the start line.
  package func withRequestLine<Result>(_ body: (_ method: Span<UInt8>, _ target: Span<UInt8>) -> Result)
    -> Result
  {
    let (bytes, line) = (content.bytes, content.line)
    return body(bytes.span.extracting(line.method), bytes.span.extracting(line.target))
  }

  /// The elements of a list-valued field from all its lines (RFC 9110 §5.6.1), each as it was sent. Commas in quoted
  /// strings do not separate elements, and empty elements do not count.
  public func tokens(of name: StaticString) -> [String] {
    guard has(name) else { return [] }
    return values(of: name).flatMap { elements(of: $0) }
  }

  /// Whether a list-valued field has the element `token` (given in lower case), ignoring letter case.
  public func has(_ token: StaticString, in name: StaticString) -> Bool {
    count(of: token, in: name).same > 0
  }

  /// How many elements a list-valued field has in all its lines, and how many of them are `token` (given in lower case),
  /// ignoring letter case.
  func count(of token: StaticString, in name: StaticString) -> (same: Int, all: Int) {
    var (same, all) = (0, 0)
    let bytes = content.bytes
    var found = index(of: name)
    while let index = found {
      defer { found = self.index(of: name, from: index + 1) }
      // Nearly always there is only one element.
      if bytes.span.part(content.fields[index].value, is: token) {
        (same, all) = (same + 1, all + 1)
        continue
      }
      var cursor = ElementCursor(rest: content.fields[index].value)
      while let element = cursor.next(in: bytes.span) {
        all += 1
        if bytes.span.part(element, is: token) { same += 1 }
      }
    }
    return (same, all)
  }

  /// The index of the first field called `name` from `start` on, ignoring letter case.
  @inline(__always)
  private func index(of name: StaticString, from start: Int = 0) -> Int? {
    guard start > 0 else { return content.candidates.first(name).flatMap { search(name, from: $0) } }
    return content.candidates.mayRepeat(name) ? search(name, from: start) : nil
  }

  @inline(never)
  private func search(_ name: StaticString, from start: Int) -> Int? {
    let (lines, head, length) = (content.fields, content.bytes, name.utf8CodeUnitCount)
    let bytes = head.span
    return unsafe lines.withUnsafeBufferPointer { fields in
      for index in start..<fields.count {
        // The length alone rules out nearly all fields.
        let field = unsafe fields[index].name
        if field.upperBound &- field.lowerBound == length, bytes.isSame(field, name) { return index }
      }
      return nil
    }
  }

  private func text(_ range: Range<Int>) -> String {
    let bytes = content.bytes
    return bytes.span.text(range)
  }

  private func value(_ field: FieldLine) -> String {
    guard field.isFolded else { return text(field.value) }
    let bytes = content.bytes
    return String(decoding: unfolded(bytes.span.extracting(field.value)), as: UTF8.self)
  }
}

extension Span where Element == UInt8 {
  /// Whether the part equals `name`, ignoring letter case in both. Both have the same length, and `name` consists of letters,
  /// digits and hyphens.
  fileprivate func isSame(_ range: Range<Int>, _ name: StaticString) -> Bool {
    let (seen, length) = (extracting(range), range.count)
    // Safe: a StaticString lives forever, and the caller compared the lengths.
    let wanted = unsafe UnsafeRawBufferPointer(start: name.utf8Start, count: length)
    guard length >= 8 else {
      for index in 0..<length {
        let byte = unsafe wanted[index]
        if ASCII.lowered(seen[index]) != ASCII.lowered(byte) { return false }
      }
      return true
    }
    var index = 0
    while true {
      let word = unsafe wanted.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      // Among these characters bit 6 marks the letters; in letters bit 5 is the case.
      let letterCase = (word & 0x4040_4040_4040_4040) >> 1
      if seen.load(at: index, as: UInt64.self) | letterCase != word | letterCase { return false }
      if index == length &- 8 { return true }
      index = Swift.min(index &+ 8, length &- 8)
    }
  }
}

/// The elements of a list, trimmed.
func elements(of text: String, separatedBy separator: UInt8 = ASCII.comma) -> [String] {
  let bytes = text.utf8.span
  var result: [String] = []
  var cursor = ElementCursor(rest: 0..<bytes.count, separator: separator)
  while let element = cursor.next(in: bytes) { result.append(bytes.text(element)) }
  return result
}

/// Replaces each fold, with the white space around it, by one space (RFC 9112 §5.2).
private func unfolded(_ bytes: Span<UInt8>) -> [UInt8] {
  var joined: [UInt8] = []
  var index = 0
  while index < bytes.count {
    if bytes[index] == ASCII.cr || bytes[index] == ASCII.lf {
      while index < bytes.count, ASCII.isSpace(bytes[index]) { index += 1 }
      while let last = joined.last, ASCII.isSpace(last) { joined.removeLast() }
      joined.append(ASCII.space)
    } else {
      joined.append(bytes[index])
      index += 1
    }
  }
  return joined
}
