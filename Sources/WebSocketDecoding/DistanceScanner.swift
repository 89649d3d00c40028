import WireBytes

/// How far back the symbols of a DEFLATE stream refer (RFC 1951 §3.2), as far as that may be beyond an agreed window.
///
/// zlib reads every stream with a window of 32 KiB and does not tell the distances; with a smaller one it would accept
/// distances up to twice as long, and could not go on behind one that is longer. A sender that agreed to a smaller window
/// and refers beyond it is found here. It runs only where a smaller window was agreed.
///
/// A block whose code has no symbols for such distances needs no look: most senders write codes of their own, in which what
/// they do not use has no symbol. zlib says where a block ends. Bytes may come in any pieces. What is no DEFLATE stream ends
/// the scan of the message: zlib names the fault.
struct DistanceScanner {
  /// The window, in bytes.
  let limit: Int
  /// The largest distance since `startMessage` in the blocks that were read, in bytes.
  private(set) var farthest = 0
  /// The first distance symbol that means more than the window: symbols 2n and 2n + 1 begin at 2ⁿ + 1.
  private let firstBeyond: Int

  init(windowBits: Int) { (limit, firstBeyond) = (1 << windowBits, 2 * windowBits) }

  private var state = State.blockHeader
  private var isFinalBlock = false
  private var isAtBlockEnd = false
  /// Bits not used yet, the next one lowest.
  private var bits: UInt64 = 0
  private var bitCount = 0
  private var storedLeft = 0

  /// The block at hand has the fixed codes (§3.2.6) instead of these.
  private var isFixed = false
  private var literals = HuffmanCode()
  private var distances = HuffmanCode()
  /// Code lengths of the block whose header is being read, and where the distances' begin.
  private var lengths: [UInt8] = []
  private var (literalCount, distanceCount, lengthCodeCount) = (0, 0, 0)
  private var codeLengths = HuffmanCode()

  private enum State {
    case blockHeader
    case storedHeader
    case stored
    case dynamicHeader
    case lengthCodes
    case lengths
    case symbols
    /// The block cannot refer too far back; where it ends is not known here.
    case passed
    case broken
  }

  /// A message begins.
  mutating func startMessage() {
    farthest = 0
    startUnit()
  }

  /// Compressed bytes begin: with a block, at a byte.
  mutating func startUnit() { (state, bits, bitCount) = (.blockHeader, 0, 0) }

  /// A block begins in the last `unused` bits of `byte`, or behind it.
  mutating func startBlock(_ unused: Int, of byte: UInt8) {
    guard unused < 8 else {
      state = .broken
      return
    }
    (state, bits, bitCount) = (.blockHeader, UInt64(byte) >> UInt64(8 - unused), unused)
  }

  /// Compressed bytes of the message, in order.
  mutating func receive(_ bytes: Span<UInt8>) {
    if state == .passed || state == .broken { return }
    var index = 0
    while true {
      if state == .stored {
        skipStored(bytes, &index)
        if storedLeft > 0 { return }
      }
      while bitCount <= 56 && index < bytes.count {
        bits |= UInt64(bytes[index]) << UInt64(bitCount)
        bitCount += 8
        index += 1
      }
      while step(bytes, &index) { if state == .stored { break } }
      if state == .broken || state == .passed || (index == bytes.count && state != .stored) { return }
    }
  }

  private mutating func skipStored(_ bytes: Span<UInt8>, _ index: inout Int) {
    // A stored block is read at a byte: the bits held are whole bytes.
    while storedLeft > 0 && bitCount >= 8 {
      take(8)
      storedLeft -= 1
    }
    let count = min(storedLeft, bytes.count - index)
    storedLeft -= count
    index += count
    if storedLeft == 0 { endBlock() }
  }

  /// Reads one part of the stream; false when its bits are not all there, or it is no DEFLATE stream.
  private mutating func step(_ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
    switch state {
    case .blockHeader: blockHeader()
    case .storedHeader: storedHeader()
    case .dynamicHeader: dynamicHeader()
    case .lengthCodes: lengthCode()
    case .lengths: length()
    case .symbols: block(bytes, &index)
    case .stored, .passed, .broken: false
    }
  }

  private mutating func block(_ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
    isAtBlockEnd = false
    let isWhole =
      isFixed
      ? symbols(bytes, &index, HuffmanCode.fixedLiterals, HuffmanCode.fixedDistances)
      : symbols(bytes, &index, literals, distances)
    guard isWhole else { return false }
    if isAtBlockEnd { endBlock() }
    return true
  }

  private mutating func take(_ count: Int) {
    bits >>= UInt64(count)
    bitCount -= count
  }

  private func low(_ count: Int) -> Int { Int(bits & (1 << UInt64(count) - 1)) }

  private mutating func breakOff() -> Bool {
    state = .broken
    return false
  }

  /// RFC 1951 §3.2.3: BFINAL, BTYPE.
  private mutating func blockHeader() -> Bool {
    guard bitCount >= 3 else { return false }
    isFinalBlock = low(1) == 1
    let type = low(3) >> 1
    take(3)
    switch type {
    case 0:
      take(bitCount & 7)
      state = .storedHeader
    case 1:
      (isFixed, state) = (true, .symbols)
    case 2: (isFixed, state) = (false, .dynamicHeader)
    default: return breakOff()
    }
    return true
  }

  private mutating func endBlock() {
    // After the last block of a stream the next one begins at a byte.
    if isFinalBlock { take(bitCount & 7) }
    state = .blockHeader
  }

  /// §3.2.4: LEN, NLEN.
  private mutating func storedHeader() -> Bool {
    guard bitCount >= 32 else { return false }
    let (length, complement) = (low(16), low(32) >> 16)
    guard length == ~complement & 0xFFFF else { return breakOff() }
    take(32)
    storedLeft = length
    state = .stored
    if length == 0 { endBlock() }
    return true
  }

  /// §3.2.7: HLIT, HDIST, HCLEN.
  private mutating func dynamicHeader() -> Bool {
    guard bitCount >= 14 else { return false }
    (literalCount, distanceCount) = (low(5) + 257, low(10) >> 5 + 1)
    lengthCodeCount = low(14) >> 10 + 4
    take(14)
    guard literalCount <= 286, distanceCount <= 30 else { return breakOff() }
    lengths.removeAll(keepingCapacity: true)
    state = .lengthCodes
    return true
  }

  private static let lengthCodeOrder: InlineArray<19, Int> = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]

  private mutating func lengthCode() -> Bool {
    guard bitCount >= 3 else { return false }
    lengths.append(UInt8(low(3)))
    take(3)
    guard lengths.count == lengthCodeCount else { return true }
    var ordered = [UInt8](repeating: 0, count: 19)
    for (index, length) in lengths.enumerated() { ordered[Self.lengthCodeOrder[index]] = length }
    guard codeLengths.build(ordered[...], tableBits: 7) else { return breakOff() }
    lengths.removeAll(keepingCapacity: true)
    state = .lengths
    return true
  }

  private mutating func length() -> Bool {
    let (symbol, used) = codeLengths.decode(bits, bitCount)
    guard used > 0 else { return bitCount < 15 ? false : breakOff() }
    let extra = symbol == 18 ? 7 : symbol == 17 ? 3 : symbol == 16 ? 2 : 0
    guard bitCount >= used + extra else { return false }
    take(used)
    let added = low(extra)
    take(extra)
    switch symbol {
    case 16:
      guard let last = lengths.last else { return breakOff() }
      append(last, times: 3 + added)
    case 17: append(0, times: 3 + added)
    case 18: append(0, times: 11 + added)
    default: lengths.append(UInt8(symbol))
    }
    guard lengths.count >= literalCount + distanceCount else { return true }
    if lengths[min(literalCount + firstBeyond, lengths.count)...].allSatisfy({ $0 == 0 }) {
      state = .passed
      return false
    }
    guard lengths.count == literalCount + distanceCount, literals.build(lengths[..<literalCount]),
      distances.build(lengths[literalCount...])
    else { return breakOff() }
    state = .symbols
    return true
  }

  private mutating func append(_ length: UInt8, times: Int) {
    lengths.append(contentsOf: repeatElement(length, count: times))
  }

  /// §3.2.5: literals, and lengths with their distances, to the end of the block. False when the bits of the next one
  /// are not all there. All but the few values that change stay where they are: this is what takes the time.
  private mutating func symbols(
    _ bytes: Span<UInt8>, _ index: inout Int, _ literals: HuffmanCode, _ distances: HuffmanCode
  ) -> Bool {
    var (bits, count, farthest) = (self.bits, bitCount, self.farthest)
    defer {
      // Behind the bits that count there may be others of the bytes that come next.
      self.bits = count == 64 ? bits : bits & (1 << UInt64(count) &- 1)
      (bitCount, self.farthest) = (count, farthest)
    }
    while true {
      // A length and its distance take up to 48 bits.
      if count < 48 {
        if bytes.count &- index >= 8 {
          let word = UInt64(littleEndian: bytes.load(at: index, as: UInt64.self))
          bits |= word << UInt64(truncatingIfNeeded: count)
          index &+= (63 &- count) >> 3
          count |= 56
        } else {
          while count <= 56 && index < bytes.count {
            bits |= UInt64(bytes[index]) << UInt64(count)
            count &+= 8
            index &+= 1
          }
        }
      }
      let (symbol, used) = literals.decode(bits, count)
      guard used > 0 else { return count < 15 ? false : breakOff() }
      if symbol < 256 {
        bits >>= UInt64(used)
        count &-= used
        continue
      }
      if symbol == 256 {
        bits >>= UInt64(used)
        count &-= used
        isAtBlockEnd = true
        return true
      }
      guard symbol <= 285 else { return breakOff() }
      let lengthBits = used &+ (symbol < 265 || symbol == 285 ? 0 : (symbol &- 261) / 4)
      let rest = count &- lengthBits
      guard rest > 0 else { return false }
      let behind = bits >> UInt64(lengthBits)
      let (code, codeBits) = distances.decode(behind, rest)
      guard codeBits > 0 else { return rest < 15 ? false : breakOff() }
      guard code < 30 else { return breakOff() }
      let extra = code < 4 ? 0 : code / 2 &- 1
      guard rest >= codeBits &+ extra else { return false }
      let base = code < 4 ? code &+ 1 : (2 &+ code % 2) << extra &+ 1
      let added = Int(truncatingIfNeeded: behind >> UInt64(codeBits) & (1 << UInt64(extra) &- 1))
      farthest = max(farthest, base &+ added)
      bits = behind >> UInt64(codeBits &+ extra)
      count = rest &- codeBits &- extra
    }
  }
}
/// A canonical Huffman code (RFC 1951 §3.2.2), decoded through a table of its short codes.
private struct HuffmanCode {
  /// By the next nine bits, or those that the longest code has: the symbol << 4 | the bits it takes; 0 for longer codes and for none.
  private var table: [UInt16] = []
  /// How many codes there are of each length, and the symbols in the order of their codes.
  private var counts = InlineArray<16, Int>(repeating: 0)
  private var symbols: [UInt16] = []

  init() {}

  private init(fixed lengths: [UInt8]) { _ = build(lengths[...]) }

  /// §3.2.6.
  static let fixedLiterals = HuffmanCode(
    fixed: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
  static let fixedDistances = HuffmanCode(fixed: [UInt8](repeating: 5, count: 30))

  /// The code in which symbol n takes `lengths[n]` bits. False when no such code exists.
  mutating func build(_ lengths: ArraySlice<UInt8>, tableBits: Int = 9) -> Bool {
    counts = InlineArray(repeating: 0)
    for length in lengths { counts[Int(length)] += 1 }
    counts[0] = 0
    var offsets = InlineArray<16, Int>(repeating: 0)
    var left = 1
    for length in 1..<16 {
      left = left << 1 - counts[length]
      if left < 0 { return false }
      offsets[length] = offsets[length - 1] + counts[length - 1]
    }
    symbols = [UInt16](repeating: 0, count: lengths.count)
    for (symbol, length) in lengths.enumerated() where length > 0 {
      symbols[offsets[Int(length)]] = UInt16(symbol)
      offsets[Int(length)] += 1
    }
    table = [UInt16](repeating: 0, count: 1 << tableBits)
    var (code, index) = (0, 0)
    for length in 1...tableBits {
      for _ in 0..<counts[length] {
        // Codes are packed from their highest bit on (§3.1.1): the table is looked up with the bits in stream order.
        var place = 0
        for bit in 0..<length where code >> bit & 1 == 1 { place |= 1 << (length - 1 - bit) }
        while place < table.count {
          table[place] = symbols[index] << 4 | UInt16(length)
          place += 1 << length
        }
        code += 1
        index += 1
      }
      code <<= 1
    }
    return true
  }

  /// The symbol at the front of `bits` and how many of them it takes: 0 when `count` bits do not hold one.
  @inline(__always)
  func decode(_ bits: UInt64, _ count: Int) -> (symbol: Int, bits: Int) {
    guard !table.isEmpty else { return (0, 0) }
    let entry = table[Int(truncatingIfNeeded: bits) & (table.count - 1)]
    if entry != 0 {
      let used = Int(entry & 15)
      return used <= count ? (Int(entry >> 4), used) : (0, 0)
    }
    return decodeLong(bits, count)
  }

  @inline(never)
  private func decodeLong(_ bits: UInt64, _ count: Int) -> (symbol: Int, bits: Int) {
    var (code, first, index) = (0, 0, 0)
    for length in 1..<16 {
      guard length <= count else { return (0, 0) }
      code |= Int(truncatingIfNeeded: bits >> UInt64(length - 1) & 1)
      let here = counts[length]
      if code - first < here { return (Int(symbols[index + code - first]), length) }
      index += here
      first = (first + here) << 1
      code <<= 1
    }
    return (0, 0)
  }
}
