import TestSupport
import Testing

@testable import CaptureInput

@Suite("The decoders of the compression formats")
struct DecompressorTests {
  private static let plain: [UInt8] = {
    var random = SeededRandom(seed: 12)
    return (0..<40).flatMap { random.bytes(500) + [UInt8](repeating: UInt8($0), count: 500) }
  }()

  /// All calls of a decoder until the input is used up and nothing more comes.
  private func steps(
    _ decompressor: any Decompressor, _ input: [UInt8], pieces: Int, room: Int
  ) throws -> (steps: [DecompressionStep], output: [UInt8]) {
    var (next, output, steps) = (0, [UInt8](), [DecompressionStep]())
    var buffer = [UInt8](repeating: 0, count: room)
    while true {
      let piece = Array(input[next..<min(next + pieces, input.count)])
      let step = try unsafe buffer.withUnsafeMutableBytes { output in
        try unsafe piece.withUnsafeBytes { try unsafe decompressor.decompress($0, into: output) }
      }
      if step.taken == 0 && step.written == 0 { return (steps, output) }
      #expect(step.taken <= piece.count && step.written <= room)
      next += step.taken
      output += buffer.prefix(step.written)
      steps.append(step)
    }
  }

  @Test(
    "Take all of the input and write all of the output, and say where a frame ends, only there",
    arguments: Compression.allCases, [(1, 64), (1000, 7), (.max >> 1, 256 << 10)])
  func frames(_ format: Compression, _ sizes: (pieces: Int, room: Int)) throws {
    let packing = try #require(Packing(rawValue: format.rawValue))
    let packed = packing.pack(Self.plain)
    let decompressor = try #require(format.makeDecompressor())
    // The same decoder is ready for the next frame.
    for _ in 0..<2 {
      let (steps, output) = try steps(decompressor, packed, pieces: sizes.pieces, room: sizes.room)
      #expect(output == Self.plain)
      #expect(steps.reduce(0) { $0 + $1.taken } == packed.count)
      #expect(steps.reduce(0) { $0 + $1.written } == Self.plain.count)
      #expect(steps.map(\.isAtBorder).firstIndex(of: true) == steps.count - 1)
      #expect(steps.allSatisfy { !$0.isBeforeDamage })
    }
  }

  @Test(
    "Say what is wrong with what they cannot decode",
    arguments: [
      (.gzip, "its gzip data is damaged (incorrect header check)"),
      (.zstd, "its zstd data is damaged (Unknown frame descriptor)"),
      (.lz4, "its lz4 data is damaged (ERROR_frameType_unknown)"),
    ] as [(Compression, String)])
  func damaged(_ format: Compression, words: String) throws {
    let decompressor = try #require(format.makeDecompressor())
    let failure = #expect(throws: InputFailure.self) {
      try steps(decompressor, [UInt8](repeating: 0x55, count: 64), pieces: 64, room: 100)
    }
    #expect(failure?.what == words)
    #expect(failure?.isCut == false)
  }

  @Test("Of gzip, what comes before damage is good") func beforeDamage() throws {
    var packed = Packing.gzip.pack(Self.plain)
    // The checksum of the last bytes.
    packed[packed.count - 5] ^= 1
    let decompressor = try #require(Compression.gzip.makeDecompressor())
    var output = [UInt8](repeating: 0, count: 2 * Self.plain.count)
    let step = try unsafe output.withUnsafeMutableBytes { output in
      try unsafe packed.withUnsafeBytes { try unsafe decompressor.decompress($0, into: output) }
    }
    #expect(step.written == Self.plain.count)
    #expect(step.isBeforeDamage && !step.isAtBorder)
    #expect(throws: InputFailure.self) { try steps(decompressor, [0], pieces: 1, room: 1) }
  }
}

@Suite("How a file is compressed")
struct CompressionMagicTests {
  @Test(
    "Its first four bytes tell",
    arguments: [
      ([0x1F, 0x8B, 8, 0], .gzip), ([0x1F, 0x8B, 8, 0xFF], .gzip), ([0x1F, 0x8B, 7, 0], nil),
      ([0x1F, 0x8A, 8, 0], nil), ([0x1E, 0x8B, 8, 0], nil), ([0x1F, 0x8B, 8], nil),
      ([0x28, 0xB5, 0x2F, 0xFD], .zstd), ([0x28, 0xB5, 0x2F, 0xFC], nil),
      ([0x04, 0x22, 0x4D, 0x18], .lz4), ([0x05, 0x22, 0x4D, 0x18], nil), ([], nil),
    ] as [([UInt8], Compression?)])
  func magic(_ start: [UInt8], format: Compression?) {
    #expect(Compression(start: start.span) == format)
    if start.count == 4 { #expect(Compression(start: (start + [1, 2]).span) == format) }
  }

  @Test(
    "Sixteen numbers begin a frame that is skipped",
    arguments: [
      (0x184D_2A4F, false), (0x184D_2A50, true), (0x184D_2A5F, true), (0x184D_2A60, false),
      (0x284D_2A50, false),
    ] as [(UInt32, Bool)])
  func skippable(number: UInt32, isSkippable: Bool) {
    #expect(Compression.isSkippable(number) == isSkippable)
  }
}
