/// A canonical Huffman code (RFC 1951 §3.2.2), decoded by looking up the next bits of the stream.
///
/// The table is indexed with as many bits as most codes have. Longer ones are rare by their nature: they are found by
/// their length, bit by bit.
@safe struct HuffmanTable: ~Copyable, @unchecked Sendable {
  private let rootBits: Int
  /// By the next `rootBits` bits; 0 where the code is longer. Whoever decodes reads it with all bits above masked away.
  let entries: UnsafeMutablePointer<UInt32>
  private let alphabet: Alphabet
  /// The symbols in the order of their codes, and how many of each length there are.
  private let symbols: UnsafeMutablePointer<UInt16>
  private var counts = InlineArray<16, Int>(repeating: 0)

  /// How many bits the tables of the two codes of a block are looked up with; constants, because the loop over symbols is short of
  /// registers.
  static var literalBits: Int { 10 }
  static var distanceBits: Int { 8 }
  static var literalMask: UInt64 { 1 << UInt64(literalBits) - 1 }
  static var distanceMask: UInt64 { 1 << UInt64(distanceBits) - 1 }

  init(_ alphabet: Alphabet, rootBits: Int) {
    self.alphabet = alphabet
    self.rootBits = rootBits
    unsafe entries = .allocate(capacity: 1 << rootBits)
    unsafe entries.initialize(repeating: 0, count: 1 << rootBits)
    unsafe symbols = .allocate(capacity: alphabet.count)
    unsafe symbols.initialize(repeating: 0, count: alphabet.count)
  }

  deinit {
    unsafe entries.deallocate()
    unsafe symbols.deallocate()
  }

  /// Makes the code in which symbol n has `lengths[n]` bits, 0 to 15; 0: it does not occur. False when there is no such
  /// code. One that leaves bits without a meaning must be a single code of one bit (as zlib has it), or have none at all.
  mutating func build(_ lengths: Span<UInt8>) -> Bool {
    guard lengths.count <= alphabet.count else { return false }
    var counts = InlineArray<16, Int>(repeating: 0)
    for index in lengths.indices { counts[Int(lengths[index] & 15)] &+= 1 }
    counts[0] = 0
    var offsets = InlineArray<16, Int>(repeating: 0)
    var (left, longest) = (1, 0)
    for length in 1...15 {
      left = left << 1 &- counts[length]
      if left < 0 { return false }
      offsets[length] = offsets[length &- 1] &+ counts[length &- 1]
      if counts[length] > 0 { longest = length }
    }
    if left > 0 && (longest > 1 || (longest == 1 && alphabet.mustBeComplete)) { return false }
    self.counts = counts
    for symbol in lengths.indices where lengths[symbol] > 0 {
      let length = Int(lengths[symbol] & 15)
      unsafe symbols[offsets[length]] = UInt16(truncatingIfNeeded: symbol)
      offsets[length] &+= 1
    }
    if left > 0 { fillIncomplete(hasCode: longest == 1) } else { fill() }
    return true
  }

  /// One code of one bit, or none: all else means nothing.
  private func fillIncomplete(hasCode: Bool) {
    for index in 0..<(1 << rootBits) {
      unsafe entries[index] =
        hasCode && index & 1 == 0 ? entry(unsafe symbols[0], 1) : Entry.of(alphabet.unassigned, codeBits: 1)
    }
  }

  /// Codes are counted up from their highest bit on (§3.2.2), which comes first in the stream: the lowest of the index. The table
  /// is made for the shortest codes and doubled from length to length.
  private func fill() {
    var (length, index, code) = (1, 0, 0)
    var size = 2
    while true {
      for _ in 0..<counts[length] {
        if length <= rootBits {
          unsafe entries[code] = entry(unsafe symbols[index], length)
        } else {
          unsafe entries[code & (1 << rootBits &- 1)] = Entry.longer
        }
        index &+= 1
        let isLast = code == size &- 1
        if isLast {
          while length < rootBits {
            unsafe (entries + (1 << length)).update(from: entries, count: 1 << length)
            length &+= 1
          }
          return
        }
        // Counts up from the highest bit on: the highest one that is not set is set, those above are cleared.
        let carry = 1 << (Int.bitWidth &- 1 &- (code ^ (size &- 1)).leadingZeroBitCount)
        code = code & (carry &- 1) | carry
      }
      if length < rootBits { unsafe (entries + size).update(from: entries, count: size) }
      length &+= 1
      size <<= 1
      // A complete code ends with the last of its longest codes.
      if length > 15 { return }
    }
  }

  @inline(__always)
  private func entry(_ symbol: UInt16, _ length: Int) -> UInt32 {
    Entry.of(unsafe alphabet.meanings[Int(symbol)], codeBits: length)
  }

  /// The entry of a code that is longer than the table's index, at the front of `bits`; nil when `count` bits do not hold it.
  @inline(never)
  func longEntry(_ bits: UInt64, _ count: Int) -> UInt32? {
    var (code, first, index) = (0, 0, 0)
    for length in 1...15 {
      guard length <= count else { return nil }
      code |= Int(truncatingIfNeeded: bits &>> UInt64(length &- 1) & 1)
      let here = counts[length]
      if code &- first < here { return entry(unsafe symbols[index &+ code &- first], length) }
      index &+= here
      first = (first &+ here) << 1
      code <<= 1
    }
    return Entry.of(Entry.invalid, codeBits: 15)
  }
}

/// What a code means, in 32 bits: how many bits it takes with those behind it (0–5), how many of them are the code (8–11), what it is
/// (12–15), and its value (16–31): a byte, or the least length or distance, to which the bits behind the code are added.
enum Entry {
  static let literal: UInt32 = 1 << 15
  /// No byte and no length.
  static let special: UInt32 = 1 << 14
  static let endOfBlock = special
  static let invalid: UInt32 = special | 1 << 16
  static let longer: UInt32 = 0

  @inline(__always)
  static func of(_ meaning: UInt32, codeBits: Int) -> UInt32 {
    meaning &+ UInt32(truncatingIfNeeded: codeBits | codeBits << 8)
  }

  /// A value with so many bits behind the code.
  static func range(from value: Int, extraBits: Int) -> UInt32 { UInt32(value << 16 | extraBits) }

  @inline(__always)
  static func bits(_ entry: UInt32) -> Int { Int(entry & 63) }

  /// The value and what the bits add to it.
  @inline(__always)
  static func value(_ entry: UInt32, _ bits: UInt64) -> Int {
    let whole = bits & (1 &<< UInt64(entry & 63) &- 1)
    return Int(entry &>> 16) &+ Int(truncatingIfNeeded: whole &>> UInt64(entry &>> 8 & 15))
  }
}

/// The symbols of one of DEFLATE's three codes and what they mean (RFC 1951 §3.2.5, §3.2.7).
@safe final class Alphabet: @unchecked Sendable {
  let count: Int
  let meanings: UnsafePointer<UInt32>
  /// What bits mean that are no code.
  let unassigned: UInt32
  let mustBeComplete: Bool

  private init(_ meanings: [UInt32], unassigned: UInt32 = Entry.invalid, mustBeComplete: Bool = false) {
    // Never given back: there are three of them.
    let memory = UnsafeMutablePointer<UInt32>.allocate(capacity: meanings.count)
    for (symbol, meaning) in meanings.enumerated() { unsafe (memory + symbol).initialize(to: meaning) }
    unsafe self.meanings = UnsafePointer(memory)
    count = meanings.count
    self.unassigned = unassigned
    self.mustBeComplete = mustBeComplete
  }

  /// Bytes, the end of the block, lengths of 3 to 258.
  static let literals = Alphabet(
    (0..<288).map { symbol in
      switch symbol {
      case 0..<256: return Entry.literal | UInt32(symbol) << 16
      case 256: return Entry.endOfBlock
      case 257..<265: return Entry.range(from: symbol - 254, extraBits: 0)
      case 265..<285:
        let extra = (symbol - 261) / 4
        return Entry.range(from: (4 + (symbol - 257) % 4) << extra + 3, extraBits: extra)
      case 285: return Entry.range(from: 258, extraBits: 0)
      default: return Entry.invalid
      }
    })

  /// Distances of 1 to 32,768.
  static let distances = Alphabet(
    (0..<32).map { symbol in
      if symbol >= 30 { return Entry.invalid }
      let extra = max(0, symbol / 2 - 1)
      return Entry.range(from: symbol < 4 ? symbol + 1 : (2 + symbol % 2) << extra + 1, extraBits: extra)
    })

  /// Lengths of codes, and three symbols that repeat one. No code at all reads as zeros, as in zlib.
  static let codeLengths = Alphabet(
    (0..<19).map { Entry.range(from: $0, extraBits: $0 < 16 ? 0 : $0 == 16 ? 2 : $0 == 17 ? 3 : 7) },
    unassigned: 0, mustBeComplete: true)
}
