import CZlib
import TestSupport

@testable import WebSocketDecoding

/// Writes DEFLATE blocks symbol by symbol (RFC 1951), also such as no compressor writes.
struct DeflateWriter {
  enum Symbol {
    case literal(UInt8)
    /// So many bytes, from so far back.
    case match(length: Int, distance: Int)
  }

  private(set) var bytes: [UInt8] = []
  private var (bits, count) = (UInt64(0), 0)

  /// The lowest bit first.
  mutating func write(_ value: Int, _ width: Int) {
    bits |= UInt64(value) << UInt64(count)
    count += width
    while count >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: bits))
      (bits, count) = (bits >> 8, count - 8)
    }
  }

  mutating func align() { if count > 0 { write(0, 8 - count) } }

  mutating func stored(_ content: [UInt8], isFinal: Bool = false) {
    write(isFinal ? 1 : 0, 3)
    align()
    write(content.count, 16)
    write(~content.count & 0xFFFF, 16)
    bytes += content
  }

  /// The block that a flush ends with, less the four bytes that RFC 7692 §7.2.1 takes off.
  mutating func flush() {
    write(0, 3)
    align()
  }

  mutating func fixed(_ symbols: [Symbol], isFinal: Bool = false) {
    write(isFinal ? 3 : 2, 3)
    write(
      symbols, (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 },
      [Int](repeating: 5, count: 32))
  }

  /// With codes in which only what is used has a symbol.
  mutating func dynamic(_ symbols: [Symbol], isFinal: Bool = false) {
    var used = (literals: Set([256]), distances: Set<Int>())
    for symbol in symbols {
      switch symbol {
      case .literal(let byte): used.literals.insert(Int(byte))
      case .match(let length, let distance):
        used.literals.insert(257 + Self.slot(length, Self.lengths))
        used.distances.insert(Self.slot(distance, Self.distances))
      }
    }
    // A code of one symbol is read by all; one without another would leave half of the bits without a meaning.
    if used.literals.count == 1 { used.literals.insert(0) }
    let (literals, distances) = (Self.balanced(used.literals, 286), Self.balanced(used.distances, 30))
    dynamicHeader(literals, distances, isFinal: isFinal)
    write(symbols, literals, distances)
  }

  /// HLIT and HDIST are those of the lengths given; every length is written out, in four bits.
  mutating func dynamicHeader(_ literals: [Int], _ distances: [Int], isFinal: Bool = false) {
    write(isFinal ? 5 : 4, 3)
    write(literals.count - 257, 5)
    write(distances.count - 1, 5)
    write(15, 4)
    // The order is 16, 17, 18, 0, 8 …: only the sixteen lengths have a code.
    for index in 0..<19 { write(index < 3 ? 0 : 4, 3) }
    for length in literals + distances { write(Self.reversed(length, 4), 4) }
  }

  private mutating func write(_ symbols: [Symbol], _ literals: [Int], _ distances: [Int]) {
    let (literalCodes, distanceCodes) = (Self.codes(literals), Self.codes(distances))
    func put(_ symbol: Int, _ codes: [Int], _ lengths: [Int], _ writer: inout DeflateWriter) {
      writer.write(Self.reversed(codes[symbol], lengths[symbol]), lengths[symbol])
    }
    for symbol in symbols {
      switch symbol {
      case .literal(let byte): put(Int(byte), literalCodes, literals, &self)
      case .match(let length, let distance):
        let (lengthSlot, distanceSlot) = (
          Self.slot(length, Self.lengths), Self.slot(distance, Self.distances)
        )
        put(257 + lengthSlot, literalCodes, literals, &self)
        write(length - Self.lengths[lengthSlot].base, Self.lengths[lengthSlot].extra)
        put(distanceSlot, distanceCodes, distances, &self)
        write(distance - Self.distances[distanceSlot].base, Self.distances[distanceSlot].extra)
      }
    }
    put(256, literalCodes, literals, &self)
  }

  typealias Slots = [(base: Int, extra: Int)]
  /// §3.2.5, counted up.
  static let lengths: Slots =
    (0..<28).reduce(into: Slots()) { slots, index in
      let extra = index < 8 ? 0 : index / 4 - 1
      slots.append((slots.last.map { $0.base + 1 << $0.extra } ?? 3, extra))
    } + [(258, 0)]
  static let distances = (0..<30).reduce(into: Slots()) { slots, index in
    let extra = index < 4 ? 0 : index / 2 - 1
    slots.append((slots.last.map { $0.base + 1 << $0.extra } ?? 1, extra))
  }

  private static func slot(_ value: Int, _ slots: Slots) -> Int {
    slots.lastIndex { $0.base <= value } ?? 0
  }

  /// Lengths of a complete code for these symbols, as equal as can be.
  private static func balanced(_ symbols: Set<Int>, _ count: Int) -> [Int] {
    var lengths = [Int](repeating: 0, count: count)
    if symbols.isEmpty { return lengths }
    let short = Int.bitWidth - 1 - symbols.count.leadingZeroBitCount
    let shorter = (2 << short) - symbols.count
    for (index, symbol) in symbols.sorted().enumerated() {
      lengths[symbol] = max(1, index < shorter ? short : short + 1)
    }
    return lengths
  }

  /// §3.2.2.
  static func codes(_ lengths: [Int]) -> [Int] {
    var codes = [Int](repeating: 0, count: lengths.count)
    var next = 0
    for length in 1...15 {
      for symbol in lengths.indices where lengths[symbol] == length {
        codes[symbol] = next
        next += 1
      }
      next <<= 1
    }
    return codes
  }

  private static func reversed(_ value: Int, _ width: Int) -> Int {
    (0..<width).reduce(0) { $0 << 1 | value >> $1 & 1 }
  }
}

/// Reads a DEFLATE stream as plainly as can be, bit by bit, and says how far back it refers.
struct PlainInflate {
  private(set) var output: [UInt8] = []
  /// The largest distance of the last call.
  private(set) var farthest = 0
  private var input: [UInt8] = []
  private var position = 0

  /// A message that a compressor flushed, with or without its last four bytes.
  mutating func message(_ bytes: [UInt8]) {
    (input, position, farthest) = (bytes + [0, 0, 0xFF, 0xFF], 0, 0)
    let end = bytes.count * 8
    while position < end { if !block() { return } }
  }

  private mutating func bits(_ count: Int) -> Int {
    var value = 0
    for index in 0..<count where position < input.count * 8 {
      value |= Int(input[position / 8] >> UInt8(position % 8) & 1) << index
      position += 1
    }
    return value
  }

  /// The symbols by length and code.
  private typealias Codes = [[Int: Int]]

  private mutating func symbol(_ codes: Codes) -> Int {
    var code = 0
    for length in 1...15 {
      code = code << 1 | bits(1)
      if let symbol = codes[length][code] { return symbol }
    }
    return -1
  }

  private func table(_ lengths: [Int]) -> Codes {
    let codes = DeflateWriter.codes(lengths)
    var table = Codes(repeating: [:], count: 16)
    for (symbol, length) in lengths.enumerated() where length > 0 { table[length][codes[symbol]] = symbol }
    return table
  }

  private mutating func block() -> Bool {
    let isFinal = bits(1) == 1
    defer { if isFinal { position = (position + 7) / 8 * 8 } }
    switch bits(2) {
    case 0:
      position = (position + 7) / 8 * 8
      let length = bits(16)
      _ = bits(16)
      for _ in 0..<length { output.append(UInt8(bits(8))) }
    case 1:
      return symbols(
        table((0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }),
        table([Int](repeating: 5, count: 30)))
    case 2:
      let (literals, distances, lengthCodes) = (bits(5) + 257, bits(5) + 1, bits(4) + 4)
      var codeLengths = [Int](repeating: 0, count: 19)
      for index in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].prefix(lengthCodes) {
        codeLengths[index] = bits(3)
      }
      let codes = table(codeLengths)
      var lengths: [Int] = []
      while lengths.count < literals + distances {
        switch symbol(codes) {
        case 16: lengths += [Int](repeating: lengths.last ?? 0, count: 3 + bits(2))
        case 17: lengths += [Int](repeating: 0, count: 3 + bits(3))
        case 18: lengths += [Int](repeating: 0, count: 11 + bits(7))
        case let length: lengths.append(length)
        }
      }
      return symbols(table(Array(lengths[..<literals])), table(Array(lengths[literals...])))
    default: return false
    }
    return true
  }

  private mutating func symbols(_ literals: Codes, _ distances: Codes) -> Bool {
    while true {
      let found = symbol(literals)
      if found == 256 { return true }
      if found < 0 { return false }
      if found < 256 {
        output.append(UInt8(found))
        continue
      }
      let length = DeflateWriter.lengths[found - 257].base + bits(DeflateWriter.lengths[found - 257].extra)
      let slot = symbol(distances)
      if slot < 0 { return false }
      let distance = DeflateWriter.distances[slot].base + bits(DeflateWriter.distances[slot].extra)
      farthest = max(farthest, distance)
      if distance > output.count { return false }
      for _ in 0..<length { output.append(output[output.count - distance]) }
    }
  }
}

/// zlib's half of inflating: what it makes of bytes that come in pieces.
@safe final class ZlibInflater {
  private var stream = unsafe z_stream()

  init() { _ = unsafe inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) }

  deinit { unsafe inflateEnd(&stream) }

  /// The bytes so far end where a block ends that is not the last.
  var isBetweenBlocks: Bool { unsafe stream.data_type & 0xFF == 128 }

  /// The output, and why there is not more.
  func inflate(_ bytes: [UInt8]) -> (output: [UInt8], fault: String?) {
    var (input, output) = (bytes, [UInt8]())
    var block = [UInt8](repeating: 0, count: 5000)
    let fault: String? = unsafe input.withUnsafeMutableBufferPointer { input in
      unsafe stream.next_in = input.baseAddress
      unsafe stream.avail_in = UInt32(input.count)
      while true {
        let (status, count) = unsafe block.withUnsafeMutableBufferPointer { block in
          unsafe stream.next_out = block.baseAddress
          unsafe stream.avail_out = UInt32(block.count)
          let status = unsafe CZlib.inflate(&stream, Z_SYNC_FLUSH)
          return unsafe (status, block.count - Int(stream.avail_out))
        }
        output += block[..<count]
        switch status {
        case Z_OK, Z_BUF_ERROR: if unsafe stream.avail_out > 0 { return nil }
        case Z_STREAM_END:
          // Another stream begins, with the window of this one.
          var window = [UInt8](repeating: 0, count: 32_768)
          var length: UInt32 = 0
          _ = unsafe inflateGetDictionary(&stream, &window, &length)
          unsafe inflateReset(&stream)
          if length > 0 { _ = unsafe inflateSetDictionary(&stream, window, length) }
          if unsafe stream.avail_in == 0 { return nil }
        default: return unsafe stream.msg.map { unsafe String(cString: $0) } ?? "status \(status)"
        }
      }
    }
    return (output, fault)
  }
}
