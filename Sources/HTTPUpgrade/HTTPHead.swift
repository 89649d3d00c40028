import WireBytes

/// The head of an HTTP/1.x message: its start line and its fields, as they were sent.
///
/// Bytes that are not UTF-8 show as U+FFFD; a folded value is joined with one space.
public struct HTTPHead: Sendable {
  /// Whether it asks or answers.
  public enum Kind: Sendable {
    /// `GET / HTTP/1.1`
    case request
    /// `HTTP/1.1 101 Switching Protocols`
    case response
  }

  /// Request or response.
  public let kind: Kind
  /// `GET`; empty in a response.
  public let method: String
  /// The request target as sent; empty in a response.
  public let target: String
  /// `1.1`
  public let version: String
  /// 101; 0 in a request.
  public let status: Int
  /// `Switching Protocols`; empty in a request.
  public let reason: String
  /// All fields, in the order and the letter case in which they were sent.
  public let headers: [(name: String, value: String)]
  /// The first byte of the start line.
  public let start: StreamPosition
  /// The last byte of the head: the packet that completed it.
  public let end: StreamPosition
  /// What is wrong with its syntax; all of it can be read nevertheless.
  public let anomalies: [Anomaly]

  /// The length of each field's name: nearly all fields are told apart by it.
  private let nameLengths: [Int]

  /// The first field called `name` from `start` on, letter case aside.
  private func index(of name: String, from start: Int = 0) -> Int? {
    let length = name.utf8.count
    for index in start..<nameLengths.count where nameLengths[index] == length {
      if ASCII.sameIgnoringCase(headers[index].name, name) { return index }
    }
    return nil
  }

  /// The values of every field called `name`, letter case aside.
  public func values(of name: String) -> [String] {
    var values: [String] = []
    var found = index(of: name)
    while let index = found {
      values.append(headers[index].value)
      found = self.index(of: name, from: index + 1)
    }
    return values
  }

  /// The value of the first field called `name`, letter case aside.
  public subscript(name: String) -> String? { index(of: name).map { headers[$0].value } }

  /// The elements of a list-valued field over all its lines (RFC 9110 §5.6.1), each as it was sent. Commas
  /// in quoted strings do not split, empty elements do not count.
  public func tokens(of name: String) -> [String] {
    values(of: name).flatMap { elements(of: $0) }
  }

  /// Whether a list-valued field has the element `token`, letter case aside.
  public func has(_ token: String, in name: String) -> Bool {
    var found = index(of: name)
    while let index = found {
      let value = headers[index].value.utf8.span
      var cursor = ElementCursor(rest: 0..<value.count)
      while let element = cursor.next(in: value) {
        if ASCII.sameIgnoringCase(value.extracting(element), token.utf8.span) { return true }
      }
      found = self.index(of: name, from: index + 1)
    }
    return false
  }
}

extension HTTPHead {
  /// Copies a head out of the packets that brought it.
  package init(_ head: borrowing BorrowedHead) {
    let (bytes, line) = (head.bytes, head.line)
    kind = head.side == .client ? .request : .response
    (method, target) = (bytes.text(line.method), bytes.text(line.target))
    (status, reason) = (line.status, bytes.text(line.reason))
    version = "1." + String(line.minorVersion)
    (start, end, anomalies) = (head.start, head.end, head.anomalies)

    var fields: [(name: String, value: String)] = []
    var lengths: [Int] = []
    fields.reserveCapacity(head.fieldCount)
    lengths.reserveCapacity(head.fieldCount)
    var cursor = FieldCursor(offset: head.fieldsStart)
    while let field = cursor.next(in: bytes) {
      let value = field.isFolded ? unfolded(bytes.extracting(field.value)) : bytes.text(field.value)
      fields.append((bytes.text(field.name), value))
      // Not the range's: bytes that are not UTF-8 become longer.
      lengths.append(fields[fields.count - 1].name.utf8.count)
    }
    (headers, nameLengths) = (fields, lengths)
  }
}

/// The elements of one list, trimmed.
func elements(of text: String, separatedBy separator: UInt8 = ASCII.comma) -> [String] {
  let bytes = text.utf8.span
  var result: [String] = []
  var cursor = ElementCursor(rest: 0..<bytes.count, separator: separator)
  while let element = cursor.next(in: bytes) { result.append(bytes.text(element)) }
  return result
}

/// Each fold, with the white space around it, becomes one space (RFC 9112 §5.2).
private func unfolded(_ bytes: Span<UInt8>) -> String {
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
  return String(decoding: joined, as: UTF8.self)
}
