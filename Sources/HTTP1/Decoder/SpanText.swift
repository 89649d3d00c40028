import WireBytes

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension Span where Element == UInt8 {
  /// The text of a range; bytes that are not UTF-8 become U+FFFD.
  func text(_ range: Range<Int>) -> String {
    unsafe extracting(range).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }

  /// Whether the bytes in `range` are `name`. When ignoring letter case, `name` must be in lower case.
  func part(_ range: Range<Int>, is name: StaticString, ignoringCase: Bool = true) -> Bool {
    range.count == name.utf8CodeUnitCount && has(name, at: range.lowerBound, ignoringCase: ignoringCase)
  }

  /// `range` without white space at its ends.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, ASCII.isSpace(self[start]) { start += 1 }
    while start < end, ASCII.isSpace(self[end - 1]) { end -= 1 }
    return start..<end
  }

  /// Where two CR end that no LF precedes or follows; what follows them must be known, unless nothing does.
  func endOfBareCRs(isEnd: Bool) -> Int? {
    let end = first(ASCII.lf, in: 0..<count) ?? count
    var place = 0
    while let cr = first(ASCII.cr, in: place..<end), cr + 1 < count {
      if self[cr + 1] == ASCII.lf { return nil }
      if self[cr + 1] == ASCII.cr {
        guard cr + 2 < count else { return isEnd ? cr + 2 : nil }
        return self[cr + 2] == ASCII.lf ? nil : cr + 2
      }
      place = cr + 1
    }
    return nil
  }

  /// The first `byte` in `range`.
  package func first(_ byte: UInt8, in range: Range<Int>) -> Int? {
    unsafe extracting(range).withUnsafeBytes { part in
      guard let start = part.baseAddress, let found = unsafe memchr(start, Int32(byte), part.count)
      else {
        return nil
      }
      return range.lowerBound &+ (unsafe UnsafeRawPointer(found) - start)
    }
  }
}

/// A value from the wire for use in a sentence: in quotes, and shortened if it is long.
func quoted(_ text: String, limit: Int = 120) -> String {
  guard text.unicodeScalars.count > limit else { return "\"" + text + "\"" }
  return "\"" + String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit))) + "…\""
}
