import WireBytes

/// The length that all Content-Length fields of a head state together.
enum ContentLength {
  case absent
  case valid(UInt64)
  case invalid(Range<Int>)
  case conflicting(UInt64, UInt64)

  /// Adds a field value. `42, 42` and two lines with the same number are one length (RFC 9112 §6.3 item 5).
  mutating func note(_ bytes: Span<UInt8>, _ value: Range<Int>) {
    var elements = ElementCursor(rest: value)
    guard var element = elements.next(in: bytes) else {
      self = .invalid(value)
      return
    }
    while true {
      guard let number = Self.number(bytes, element) else {
        self = .invalid(element)
        return
      }
      switch self {
      case .absent: self = .valid(number)
      case .valid(let first) where first != number: self = .conflicting(first, number)
      default: break
      }
      guard let next = elements.next(in: bytes) else { return }
      element = next
    }
  }

  private static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64? {
    var number: UInt64 = 0
    for index in range {
      guard ASCII.isDigit(bytes[index]) else { return nil }
      let (tenfold, overflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, overflowToo) = tenfold.addingReportingOverflow(UInt64(bytes[index] - 0x30))
      if overflow || overflowToo { return nil }
      number = sum
    }
    return number
  }
}
