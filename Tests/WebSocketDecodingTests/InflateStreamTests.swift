import CZlib
import TestSupport
import Testing

@testable import WebSocketDecoding

/// A stream that is inflated here, against zlib and against what was compressed.
@Suite struct InflateStreamTests {
  /// What comes of bytes in pieces, as `ZlibInflater` says it.
  @safe private final class Reader {
    var stream = InflateStream()

    func inflate(_ bytes: [UInt8]) -> (output: [UInt8], fault: String?) {
      var (index, output) = (0, [UInt8]())
      return unsafe bytes.withUnsafeBytes { input in
        while true {
          let progress = unsafe stream.inflate(input, from: &index)
          output += unsafe Array(stream.output)
          switch progress {
          case .hasMoreOutput: continue
          case .needsInput:
            #expect(index == input.count)
            return (output, nil)
          case .failed(let fault): return (output, fault.rawValue)
          }
        }
      }
    }
  }

  /// Both read the same from the same pieces. Returns the fault, if there is one.
  @discardableResult
  private func compare(_ pieces: [[UInt8]], _ what: @autoclosure () -> String) -> String? {
    let (ours, zlib) = (Reader(), ZlibInflater())
    for piece in pieces {
      let (found, expected) = (ours.inflate(piece), zlib.inflate(piece))
      guard found == expected else {
        Issue.record("\(what()): \(found) is not zlib's \(expected)")
        return found.fault
      }
      if let fault = found.fault { return fault }
      if !piece.isEmpty { #expect(ours.stream.isBetweenBlocks == zlib.isBetweenBlocks, "\(what())") }
    }
    return nil
  }

  /// The same however the bytes are cut.
  @discardableResult
  private func compareCut(_ bytes: [UInt8], _ random: inout SeededRandom) -> String? {
    let fault = compare([bytes], "\(random) whole")
    #expect(compare(bytes.map { [$0] }, "\(random) byte by byte") == fault)
    var (start, pieces) = (0, [[UInt8]]())
    for count in random.pieces(of: bytes.count, atMost: 30) {
      pieces.append(Array(bytes[start..<start + count]))
      start += count
    }
    #expect(compare(pieces, "\(random) at random") == fault)
    return fault
  }

  /// A payload with repetitions near and far, runs, and bytes that do not compress.
  private func payload(_ random: inout SeededRandom, atMost most: Int) -> [UInt8] {
    let words = (0..<Int.random(in: 1...100, using: &random)).map { _ in
      random.bytes(Int.random(in: 1...40, using: &random)).map { $0 & 0x3F }
    }
    var payload: [UInt8] = []
    let size = Int.random(in: 0...most, using: &random)
    while payload.count < size {
      switch Int.random(in: 0..<20, using: &random) {
      case 0: payload += random.bytes(Int.random(in: 1...300, using: &random))
      case 1:
        payload += [UInt8](
          repeating: .random(in: 0...9, using: &random), count: .random(in: 1...2000, using: &random))
      default: payload += words.randomElement(using: &random) ?? []
      }
    }
    return payload
  }

  @Test(
    "What zlib compresses comes back, by every strategy and level",
    arguments: [Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED])
  func compressed(strategy: Int32) {
    var random = SeededRandom.fresh()
    for level: Int32 in [0, 1, 3, 6, 9] {
      let deflater = Deflater(level: level, strategy: strategy)
      let reader = Reader()
      for most in [10, 200, 2000, 120_000, 300] {
        let payload = payload(&random, atMost: most)
        let bytes = deflater.message(payload, keepingTail: true)
        let found = reader.inflate(bytes)
        #expect(found.output == payload && found.fault == nil, "\(random), level \(level)")
        #expect(reader.stream.isBetweenBlocks || payload.isEmpty)
        if bytes.count < 5000 { compareCut(deflater.message(payload, forgetting: true), &random) }
      }
    }
  }

  @Test func whatIsDamagedIsRefusedWhereZlibRefusesIt() {
    var random = SeededRandom.fresh()
    var faults: Set<String> = []
    for _ in 0..<1500 {
      let deflater = Deflater(
        level: .random(in: 1...9, using: &random), strategy: Bool.random(using: &random) ? Z_FIXED : 0)
      var bytes = deflater.message(payload(&random, atMost: 1500), keepingTail: true)
      for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
        // The front says what codes there are.
        let reach = Bool.random(using: &random) ? min(60, bytes.count) : bytes.count
        bytes[.random(in: 0..<reach, using: &random)] ^= .random(in: 1...255, using: &random)
      }
      if let fault = compareCut(bytes, &random) { faults.insert(fault) }
    }
    #expect(faults.count >= 8, "\(faults)")
  }

  @Test func arbitraryBytesAreReadAsZlibReadsThem() {
    var random = SeededRandom.fresh()
    for _ in 0..<3000 { compareCut(random.bytes(.random(in: 0...200, using: &random)), &random) }
  }

  // MARK: One by one

  private func header(_ literals: [Int], _ distances: [Int]) -> [UInt8] {
    var writer = DeflateWriter()
    writer.dynamicHeader(literals, distances)
    writer.write(0, 60)
    writer.align()
    return writer.bytes
  }

  private static func lengths(_ count: Int, _ set: [Int: Int]) -> [Int] { (0..<count).map { set[$0] ?? 0 } }

  @Test(
    "Codes that are none, and odd ones that are",
    arguments: [
      ([0: 1, 256: 1], [0: 1], nil), ([0: 1, 256: 1], [:], nil), ([256: 1], [:], nil),
      ([0: 1, 256: 1], [0: 1, 1: 1], nil), ([0: 1, 1: 2, 256: 2], [0: 15, 1: 15], "invalid distances set"),
      ([0: 1, 256: 1], [0: 2], "invalid distances set"),
      ([0: 1, 256: 2], [:], "invalid literal/lengths set"),
      ([0: 1, 1: 1, 256: 1], [:], "invalid literal/lengths set"),
      ([256: 2], [:], "invalid literal/lengths set"),
      ([0: 1, 1: 1], [:], "invalid code -- missing end-of-block"),
    ] as [([Int: Int], [Int: Int], String?)])
  func odd(literals: [Int: Int], distances: [Int: Int], fault: String?) {
    var random = SeededRandom(seed: 8)
    let found = compareCut(header(Self.lengths(257, literals), Self.lengths(30, distances)), &random)
    if let fault { #expect(found == fault) } else { #expect(found?.contains("set") != true) }
  }

  @Test func codesOfFifteenBitsAreRead() {
    // A code of every length from 1 to 15, the longest twice: most are not in the table.
    var literals = [Int](repeating: 0, count: 286)
    for (index, symbol) in (0..<14).map({ $0 * 17 }).enumerated() { literals[symbol] = index + 1 }
    literals[256] = 15
    literals[285] = 15
    let distances = Array(1...14) + [15, 15] + [Int](repeating: 0, count: 14)
    var random = SeededRandom(seed: 9)
    for _ in 0..<50 {
      var writer = DeflateWriter()
      writer.dynamicHeader(literals, distances)
      // All bits are codes.
      for _ in 0..<Int.random(in: 1...40, using: &random) {
        writer.write(.random(in: 0...0xFFFF, using: &random), 16)
      }
      for _ in 0..<Int.random(in: 0...8, using: &random) { writer.write(0xFFFF, 16) }
      compareCut(writer.bytes, &random)
    }
  }

  @Test(
    "Matches of every length, overlapping or not",
    arguments: [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 300, 4096])
  func matches(distance: Int) {
    var random = SeededRandom(seed: UInt64(distance))
    let start = random.bytes(distance)
    var symbols = start.map { DeflateWriter.Symbol.literal($0) }
    var expected = start
    for length in 3...258 {
      symbols.append(.match(length: length, distance: distance))
      for _ in 0..<length { expected.append(expected[expected.count - distance]) }
    }
    for isFixed in [true, false] {
      var writer = DeflateWriter()
      if isFixed { writer.fixed(symbols) } else { writer.dynamic(symbols) }
      writer.flush()
      #expect(Reader().inflate(writer.bytes).output == expected)
      compare(writer.bytes.map { [$0] }, "byte by byte")
    }
  }

  @Test func theWholeWindowCanBeReferredToAndNotAByteMore() {
    var random = SeededRandom(seed: 3)
    let (deflater, reader) = (Deflater(level: 1), Reader())
    var all: [UInt8] = []
    // Across every place where the history grows or is moved.
    for count in [1, 500, 3000, 600, 4000, 9000, 15_300, 400, 16_000, 333, 33_000, 50_000, 7, 700, 65_536] {
      let part = random.bytes(count)
      _ = reader.inflate(deflater.message(part, forgetting: true, keepingTail: true))
      all += part
      let distance = min(all.count, 32_768)
      var writer = DeflateWriter()
      writer.fixed([.match(length: 200, distance: distance)])
      writer.flush()
      let found = reader.inflate(writer.bytes + [0, 0, 0xFF, 0xFF])
      for _ in 0..<200 { all.append(all[all.count - distance]) }
      #expect(found.output == all.suffix(200) && found.fault == nil)
    }
    for (written, distance) in [(0, 1), (1, 2), (300, 301), (32_767, 32_768)] {
      var writer = DeflateWriter()
      writer.fixed(
        (0..<written).map { .literal(UInt8(truncatingIfNeeded: $0)) } + [
          .match(length: 3, distance: distance)
        ])
      #expect(compare([writer.bytes], "\(distance)") == "invalid distance too far back")
    }
  }

  @Test func storedBlocksOfAllSizesAreCopied() {
    var random = SeededRandom(seed: 4)
    var (writer, expected) = (DeflateWriter(), [UInt8]())
    for size in [0, 1, 7, 8, 9, 4000, 65_535, 0, 48_000, 16_384] {
      let part = random.bytes(size)
      writer.fixed([.literal(0x41)])
      writer.stored(part)
      expected += [0x41] + part
    }
    #expect(Reader().inflate(writer.bytes).output == expected)
    let reader = Reader()
    #expect(writer.bytes.flatMap { reader.inflate([$0]).output } == expected)
  }

  @Test func theDistancesBeyondTheAgreedWindowAreFoundAndNoOthers() {
    var random = SeededRandom.fresh()
    for _ in 0..<200 {
      let reader = Reader()
      reader.stream.agreedWindow = 1 << Int.random(in: 8...14, using: &random)
      let deflater = Deflater(windowBits: .random(in: 9...15, using: &random))
      var plain = PlainInflate()
      for _ in 0..<3 {
        let payload = payload(&random, atMost: 6000)
        let bytes = deflater.message(payload)
        plain.message(bytes)
        reader.stream.farthest = 0
        _ = reader.inflate(bytes + [0, 0, 0xFF, 0xFF])
        let expected = plain.farthest > reader.stream.agreedWindow ? plain.farthest : 0
        #expect(reader.stream.farthest == expected, "\(random)")
      }
      #expect(plain.output.isEmpty == false || plain.farthest == 0)
    }
  }

  @Test func afterTheLastBlockAnotherStreamBeginsWithTheSameWindow() {
    var writer = DeflateWriter()
    writer.fixed("Hello".utf8.map { .literal($0) }, isFinal: true)
    writer.align()
    let reader = Reader()
    #expect(reader.inflate(writer.bytes).output == Array("Hello".utf8))
    #expect(reader.stream.isAtStreamEnd && !reader.stream.isBetweenBlocks)
    writer = DeflateWriter()
    writer.dynamic([.match(length: 5, distance: 5)])
    writer.flush()
    #expect(reader.inflate(writer.bytes + [0, 0, 0xFF, 0xFF]).output == Array("Hello".utf8))
    #expect(reader.stream.isBetweenBlocks && !reader.stream.isAtStreamEnd)
    reader.stream.reset()
    #expect(reader.inflate(writer.bytes).fault == "invalid distance too far back")
    #expect(reader.inflate([0]).fault == "invalid distance too far back")
  }

  @Test func memoryIsBoundedWhateverComes() {
    var history = InflateHistory()
    for _ in 0..<1000 {
      history.makeRoom()
      #expect(history.capacity - history.count > InflateHistory.margin)
      #expect(history.capacity <= 49_152)
      history.count = history.capacity
    }
  }
}
