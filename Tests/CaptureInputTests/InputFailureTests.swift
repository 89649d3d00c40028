import CaptureInput
import TestSupport
import Testing

/// Bytes in memory, after which there are no more although it has not ended.
private final class FailingSource: ByteSource {
  private let bytes: MemorySource
  private let failure: InputFailure
  /// How often it was asked after it had failed.
  private(set) var further = -1

  init(_ bytes: [UInt8], pieces: [Int] = [.max], _ failure: InputFailure) {
    (self.bytes, self.failure) = (MemorySource(bytes, pieces: pieces), failure)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputFailure) -> Int {
    let count = unsafe bytes.read(into: buffer)
    if count > 0 { return count }
    further += 1
    throw failure
  }
}

@Suite("A source that fails")
struct InputFailureTests {
  private static let two: [UInt8] = {
    var file = CaptureBuilder()
    for _ in 0..<2 { file.packet([1, 2, 3]) }
    return file.file
  }()

  /// Packets that were read, and what was said then.
  private func read(_ source: FailingSource) throws -> (packets: Int, words: String) {
    var reader = try SavefileReader(source, name: "test.pcap")
    var packets = 0
    do {
      while try reader.advance() { packets += 1 }
    } catch {
      return (packets, error.description)
    }
    return (packets, "")
  }

  @Test(
    "What came before is read; bytes that are missing and bytes that are wrong are told apart",
    arguments: [
      (
        false,
        "is damaged after packet 2, byte offset 62: the cable was pulled; everything before it was read; "
          + "nothing more can be read"
      ),
      (
        true,
        "is cut after packet 2, byte offset 62: the cable was pulled; everything before it was read; copy the "
          + "file again if there is a complete one, or use --follow-file while it is being written"
      ),
    ], waysToRead)
  func afterPackets(_ expected: (isCut: Bool, words: String), pieces: [Int]) throws {
    let failure = InputFailure("the cable was pulled", isCut: expected.isCut)
    let source = FailingSource(Self.two, pieces: pieces, failure)
    let found = try read(source)
    #expect(found.packets == 2)
    #expect(found.words == "test.pcap " + expected.words)
    #expect(source.further == 0, "it throws only when it has nothing more to give")
  }

  @Test("Within the first bytes it is no capture", arguments: [0, 3, 4, 23])
  func inTheHead(count: Int) {
    let source = FailingSource(Array(Self.two.prefix(count)), InputFailure("the cable was pulled"))
    let error = #expect(throws: CaptureError.self) { _ = try SavefileReader(source, name: "test.pcap") }
    #expect(error?.description == "test.pcap cannot be read as a capture: the cable was pulled")
  }

  @Test("Nothing is missing unless that is said") func wrongByDefault() {
    #expect(!InputFailure("").isCut)
  }
}
