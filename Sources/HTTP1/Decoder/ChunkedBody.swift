import WireBytes

/// Finds the end of a chunked body, RFC 9112 §7.1.
///
///     chunked-body = *chunk last-chunk trailer-section CRLF
///     chunk        = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
struct ChunkedBody {
  private enum Awaiting {
    case sizeDigit(UInt64, isFirst: Bool)
    case endOfSizeLine(UInt64)
    case data(UInt64)
    case endOfData
    case trailer(lineIsEmpty: Bool)
  }

  /// Why reading stopped.
  enum Outcome {
    case more
    case done
    case broken(String)
  }

  private var awaiting = Awaiting.sizeDigit(0, isFirst: true)

  /// Takes bytes up to the end of the body or to the byte that breaks the grammar. `kept` gets the data, if there is one.
  mutating func read(_ bytes: Span<UInt8>, keepingIn kept: inout KeptBody?) -> (taken: Int, outcome: Outcome)
  {
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      switch awaiting {
      case .data(let left):
        let here = min(left, UInt64(bytes.count - index))
        kept?.append(bytes.extracting(index..<index + Int(here)))
        index += Int(here)
        awaiting = here == left ? .endOfData : .data(left - here)
        continue
      case .sizeDigit(let size, let isFirst):
        if let digit = hexValue(byte) {
          guard size >> 60 == 0 else { return (index, .broken("a chunk size of 2⁶⁴ or more")) }
          awaiting = .sizeDigit(size << 4 | UInt64(digit), isFirst: false)
        } else if isFirst || !(ASCII.isSpace(byte) || byte == ASCII.semicolon) {
          return (index, .broken("byte 0x\(String(byte, radix: 16)) where a chunk size should begin"))
        } else {
          awaiting = byte == ASCII.lf ? afterSize(size) : .endOfSizeLine(size)
        }
      case .endOfSizeLine(let size):
        // chunk-ext, RFC 9112 §7.1.1: a recipient ignores extensions it does not know.
        if byte == ASCII.lf { awaiting = afterSize(size) }
      case .endOfData:
        if byte == ASCII.lf {
          awaiting = .sizeDigit(0, isFirst: true)
        } else if byte != ASCII.cr {
          return (index, .broken("byte 0x\(String(byte, radix: 16)) where the chunk should have ended"))
        }
      case .trailer(let lineIsEmpty):
        if byte == ASCII.lf {
          if lineIsEmpty { return (index + 1, .done) }
          awaiting = .trailer(lineIsEmpty: true)
        } else if byte != ASCII.cr {
          awaiting = .trailer(lineIsEmpty: false)
        }
      }
      index += 1
    }
    return (index, .more)
  }

  /// Passes over `lost` bytes. False if they reach beyond the data of the current chunk, so that its end is not known.
  mutating func skip(_ lost: UInt64) -> Bool {
    guard case .data(let left) = awaiting, lost <= left else { return false }
    awaiting = lost == left ? .endOfData : .data(left - lost)
    return true
  }

  private func afterSize(_ size: UInt64) -> Awaiting {
    size == 0 ? .trailer(lineIsEmpty: true) : .data(size)
  }

  private func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
