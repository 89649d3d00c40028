import WireBytes

/// The options at the end of a block, as places in its bytes. A list that is not as it should be ends there:
/// the block's own length is what counts.
/// ```
/// +--------+--------+---------------------+
/// | code 2 | size 2 | value, to 32 bits … |
/// +--------+--------+---------------------+
/// ```
struct PcapngOptions {
  struct Option {
    let code: UInt16
    let value: Range<Int>
  }

  private var offset: Int
  private let isSwapped: Bool

  /// The options from `start` on.
  init(from start: Int, isSwapped: Bool) {
    (offset, self.isSwapped) = (start, isSwapped)
  }

  /// The next option of `body`, which lacks the block's second length.
  mutating func next(in body: Span<UInt8>) -> Option? {
    guard offset + 4 <= body.count else { return nil }
    let (code, size) = (number(body, offset), Int(number(body, offset + 2)))
    let value = offset + 4..<offset + 4 + size
    // 0 ends the list.
    guard code != 0, value.upperBound <= body.count else { return nil }
    offset = (value.upperBound + 3) & ~3
    return Option(code: code, value: value)
  }

  private func number(_ body: Span<UInt8>, _ place: Int) -> UInt16 {
    isSwapped ? body.uint16(at: place) : body.uint16(at: place).byteSwapped
  }
}
