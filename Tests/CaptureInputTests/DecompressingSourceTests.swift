import TestSupport
import Testing

@testable import CaptureInput

@Suite("A source that decompresses another one")
struct DecompressingSourceTests {
  private static let plain: [UInt8] = Array("the bytes of a capture, ".utf8) + Array("and more of them".utf8)

  /// What it gives in pieces of `room` bytes, and how it ends: nil when it simply ends.
  private func read(
    _ packed: [UInt8], _ format: Compression, pieces: [Int], room: Int
  ) throws -> (bytes: [UInt8], failure: InputFailure?) {
    // The reader has looked at the first bytes.
    let start = Array(packed.prefix(4))
    let source = try DecompressingSource(
      MemorySource(Array(packed.dropFirst(4)), pieces: pieces), format, start: start.span)
    var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: room))
    do throws(InputFailure) {
      while true {
        let count = try Self.read(source, &buffer)
        if count == 0 { break }
        bytes += buffer.prefix(count)
      }
      // The end stays the end.
      #expect(try Self.read(source, &buffer) == 0)
      return (bytes, nil)
    } catch {
      let again = #expect(throws: InputFailure.self) { try Self.read(source, &buffer) }
      #expect(again?.what == error.what && again?.isCut == error.isCut)
      return (bytes, error)
    }
  }

  private static func read(_ source: DecompressingSource, _ buffer: inout [UInt8]) throws(InputFailure) -> Int
  {
    var result: Result<Int, InputFailure> = .success(0)
    unsafe buffer.withUnsafeMutableBytes { bytes in
      do throws(InputFailure) { result = .success(try unsafe source.read(into: bytes)) } catch {
        result = .failure(error)
      }
    }
    return try result.get()
  }

  /// What follows the frame, and what is said of it.
  private static func ends(of format: Compression) -> [(added: [UInt8], words: String?, isCut: Bool)] {
    let packed = Packing(rawValue: format.rawValue)?.pack(plain) ?? []
    let unknown =
      switch format {
      case .gzip: "its gzip data is damaged (incorrect header check)"
      case .zstd: "its zstd data is damaged (Unknown frame descriptor)"
      case .lz4: "its lz4 data is damaged (ERROR_frameType_unknown)"
      }
    return [
      ([], nil, false),
      ([0], nil, false),
      ([UInt8](repeating: 0, count: 1000), nil, false),
      ([UInt8](repeating: 0x55, count: 20), unknown, false),
      ([0, 0] + [UInt8](repeating: 0x55, count: 20), unknown, false),
      (Array(packed.prefix(4)), "its \(format.rawValue) data ends too early", true),
      ([0, 0] + Array(packed.prefix(4)), "its \(format.rawValue) data ends too early", true),
    ]
  }

  @Test(
    "After a frame it may end, and zeros may follow", arguments: Compression.allCases,
    [[.max], [1]] as [[Int]])
  func ends(_ format: Compression, pieces: [Int]) throws {
    let packed = try #require(Packing(rawValue: format.rawValue)).pack(Self.plain)
    for (added, words, isCut) in Self.ends(of: format) {
      for room in [7, 4096] {
        let found = try read(packed + added, format, pieces: pieces, room: room)
        #expect(found.bytes == Self.plain)
        #expect(found.failure?.what == words)
        #expect(found.failure?.isCut ?? false == isCut)
      }
    }
  }

  @Test("Zeros within a frame are no padding, and a cut frame is cut", arguments: Compression.allCases)
  func cut(_ format: Compression) throws {
    let zeros = [UInt8](repeating: 0, count: 9000)
    let packed = try #require(Packing(rawValue: format.rawValue)).pack(zeros)
    #expect(try read(packed, format, pieces: [.max], room: 4096).bytes == zeros)
    for count in 4..<packed.count {
      let found = try read(Array(packed.prefix(count)), format, pieces: [.max], room: 4096)
      #expect(found.bytes == [UInt8](repeating: 0, count: found.bytes.count))
      #expect(found.failure?.what == "its \(format.rawValue) data ends too early")
      #expect(found.failure?.isCut == true)
    }
  }
}
