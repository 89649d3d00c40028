import CaptureInput
import TestSupport
import Testing
import WireBytes

@Suite("How far reading has got")
struct InputProgressTests {
  /// More than a block of the reader, so that the first read is not the last one.
  private static func capture(_ packets: Int, every: Int64 = 1) -> [UInt8] {
    var file = CaptureBuilder()
    for number in 0..<packets {
      file.packet(
        [UInt8](repeating: 1, count: 1000),
        time: CaptureTime(seconds: 1000 + Int64(number) * every, nanoseconds: 0))
    }
    return file.file
  }

  @Test("Of one file, the bytes that were read of it, as they are stored", arguments: [false, true])
  func oneFile(isPacked: Bool) throws {
    let folder = try Folder()
    defer { folder.remove() }
    let bytes = isPacked ? Packing.gzip.pack(Self.capture(1000)) : Self.capture(1000)
    var reader = try CaptureReader(CaptureSelection(paths: [folder.write("one", bytes)]))
    let isOneFile = reader.isOneFile
    #expect(isOneFile)
    var before: UInt64 = 0
    while reader.advance() {
      let known = reader.progress
      let progress = try #require(known)
      #expect(progress.bytes == UInt64(bytes.count))
      #expect((max(before, 1)...progress.bytes).contains(progress.bytesRead))
      before = progress.bytesRead
    }
    let read = reader.progress?.bytesRead
    #expect(read == UInt64(bytes.count))
  }

  @Test(
    "Of several files, of all of them together, whether they take turns or follow each other",
    arguments: [1, 100_000] as [Int64])
  func severalFiles(apart: Int64) throws {
    let folder = try Folder()
    defer { folder.remove() }
    let files = [Self.capture(1000), Self.capture(600, every: apart), Self.capture(0)]
    let paths = try files.indices.map { try folder.write("\($0)", files[$0]) }
    let all = UInt64(files.reduce(0) { $0 + $1.count })
    var reader = try CaptureReader(CaptureSelection(paths: paths))
    let isOneFile = reader.isOneFile
    #expect(!isOneFile)
    var before: UInt64 = 0
    var packets = 0
    while reader.advance() {
      packets += 1
      let known = reader.progress
      let progress = try #require(known)
      #expect(progress.bytes == all)
      #expect((max(before, 1)...all).contains(progress.bytesRead))
      before = progress.bytesRead
    }
    #expect(packets == 1600)
    let read = reader.progress?.bytesRead
    #expect(read == all)
  }

  @Test("Of files without packets, each counts once") func withoutPackets() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let paths = try (0..<3).map { try folder.write("\($0)", Self.capture(0)) }
    var reader = try CaptureReader(CaptureSelection(paths: paths))
    let isThere = reader.advance()
    let progress = reader.progress
    #expect(!isThere)
    #expect(progress?.bytes == 3 * 24)
    #expect(progress?.bytesRead == 3 * 24)
  }

  @Test("Of what is no regular file, nothing is known") func notAFile() throws {
    let reader = try SavefileReader(MemorySource(Self.capture(1)), name: "memory")
    let bytes = reader.progress?.bytes
    #expect(bytes == nil)
  }
}
