/// The symbols of one of DEFLATE's three codes and what they mean (RFC 1951 §3.2.5, §3.2.7).
@safe final class Alphabet: @unchecked Sendable {
  let count: Int
  let meanings: UnsafePointer<UInt32>
  /// The meaning of bits that are not a code.
  let unassigned: UInt32
  let mustBeComplete: Bool

  private init(_ meanings: [UInt32], unassigned: UInt32 = HuffmanEntry.invalid, mustBeComplete: Bool = false)
  {
    // Never freed: there are only three of them.
    let memory = UnsafeMutablePointer<UInt32>.allocate(capacity: meanings.count)
    for (symbol, meaning) in meanings.enumerated() { unsafe (memory + symbol).initialize(to: meaning) }
    unsafe self.meanings = UnsafePointer(memory)
    count = meanings.count
    self.unassigned = unassigned
    self.mustBeComplete = mustBeComplete
  }

  /// Literal bytes, the end of the block, and lengths of 3 to 258.
  static let literals = Alphabet(
    (0..<288).map { symbol in
      switch symbol {
      case 0..<256: return HuffmanEntry.literal | UInt32(symbol) << 16
      case 256: return HuffmanEntry.endOfBlock
      case 257..<265: return HuffmanEntry.range(from: symbol - 254, extraBits: 0)
      case 265..<285:
        let extra = (symbol - 261) / 4
        return HuffmanEntry.range(from: (4 + (symbol - 257) % 4) << extra + 3, extraBits: extra)
      case 285: return HuffmanEntry.range(from: 258, extraBits: 0)
      default: return HuffmanEntry.invalid
      }
    })

  /// Distances of 1 to 32,768.
  static let distances = Alphabet(
    (0..<32).map { symbol in
      if symbol >= 30 { return HuffmanEntry.invalid }
      let extra = max(0, symbol / 2 - 1)
      return HuffmanEntry.range(
        from: symbol < 4 ? symbol + 1 : (2 + symbol % 2) << extra + 1, extraBits: extra)
    })

  /// Lengths of codes, and three symbols that repeat one. If there is no code at all, its bits read as zeros, as in zlib.
  static let codeLengths = Alphabet(
    (0..<19).map { HuffmanEntry.range(from: $0, extraBits: $0 < 16 ? 0 : $0 == 16 ? 2 : $0 == 17 ? 3 : 7) },
    unassigned: 0, mustBeComplete: true)
}
