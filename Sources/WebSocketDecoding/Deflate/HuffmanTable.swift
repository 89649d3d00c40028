/// A canonical Huffman code (RFC 1951 §3.2.2), decoded by looking up the next bits of the stream.
///
/// The table is indexed with as many bits as most codes have. Longer codes are rare by their nature; they are decoded bit by
/// bit.
@safe struct HuffmanTable: ~Copyable, @unchecked Sendable {
  private let rootBits: Int
  /// By the next `rootBits` bits of the stream, all higher bits masked off; 0 where the code is longer.
  let entries: UnsafeMutablePointer<UInt32>
  private let alphabet: Alphabet
  /// The symbols in the order of their codes, and how many of each length there are.
  private let symbols: UnsafeMutablePointer<UInt16>
  private var counts = InlineArray<16, Int>(repeating: 0)

  /// How many bits index the tables of a block's two codes. They are constants because the loop over symbols is short of
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

  /// Builds the code in which symbol n has `lengths[n]` bits, 0 to 15; 0 means that it does not occur. Returns false if there is no
  /// such code. An incomplete code must be a single code of one bit, or empty, as in zlib.
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

  /// One code of one bit, or none: all other bits mean nothing.
  private func fillIncomplete(hasCode: Bool) {
    for index in 0..<(1 << rootBits) {
      unsafe entries[index] =
        hasCode && index & 1 == 0
        ? entry(unsafe symbols[0], 1) : HuffmanEntry.of(alphabet.unassigned, codeBits: 1)
    }
  }

  /// Codes are numbered from their highest bit (§3.2.2), which comes first in the stream and is the lowest bit of the index. The
  /// table is made for the shortest codes and doubled from length to length.
  private func fill() {
    var (length, index, code) = (1, 0, 0)
    var size = 2
    while true {
      for _ in 0..<counts[length] {
        if length <= rootBits {
          unsafe entries[code] = entry(unsafe symbols[index], length)
        } else {
          unsafe entries[code & (1 << rootBits &- 1)] = HuffmanEntry.longer
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
        // Counts up from the highest bit: sets the highest one that is clear, and clears those above it.
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
    HuffmanEntry.of(unsafe alphabet.meanings[Int(symbol)], codeBits: length)
  }

  /// The entry of the code at the front of `bits` if it is longer than the table's index; nil if `count` bits do not hold all of it.
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
    return HuffmanEntry.of(HuffmanEntry.invalid, codeBits: 15)
  }
}
