import Files
import Foundation
import TestSupport
import Testing
import WireBytes

@testable import CaptureInput

@Suite("Several captures as one")
struct CaptureReaderTests {
  @Test(
    "Files are read in the order of time, however they are named",
    arguments: [[0, 1, 2, 3, 4], [3, 0, 4, 2, 1]])
  func rotated(order: [Int]) throws {
    let folder = try Folder()
    defer { folder.remove() }
    let paths = try (0..<5).map { number in
      try folder.write("ring-\(order[number])", capture((0..<10).map { Int64(number * 10 + $0) }))
    }
    let read = try packets(of: CaptureSelection(paths: order.map { paths[$0] }))
    #expect(read.map(\.time) == Array(0..<50))
    #expect(read.map(\.number) == Array(1...50))
    let inFiles: [UInt64] = (0..<50).map { UInt64($0 % 10 + 1) }
    #expect(read.map(\.fileNumber) == inFiles)
    #expect(read.map(\.file) == (0..<50).map { paths[$0 / 10] })
  }

  @Test("Files that overlap are merged; of equal times the file named first comes first")
  func overlapping() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let even = try folder.write("even", capture([0, 2, 4, 6, 8]))
    let odd = try folder.write("odd", capture([1, 3, 5, 5, 9]))
    let late = try folder.write("late", capture([5, 20]))
    let read = try packets(of: CaptureSelection(paths: [late, even, odd]))
    #expect(read.map(\.time) == [0, 1, 2, 3, 4, 5, 5, 5, 6, 8, 9, 20])
    #expect(read.map(\.number) == Array(1...12))
    #expect(read.last?.file == late)
    #expect(read.filter { $0.file == odd }.map(\.fileNumber) == [1, 2, 3, 4, 5])
  }

  @Test("Merging gives what mergecap would, for files of any order and overlap")
  func mergeProperty() throws {
    var random = SeededRandom.fresh()
    for _ in 0..<30 {
      let seed = random
      let folder = try Folder()
      defer { folder.remove() }
      var all: [Int64] = []
      let paths = try (0..<Int.random(in: 2...6, using: &random)).map { number in
        let times = (0..<Int.random(in: 0...20, using: &random)).map { _ in
          Int64.random(in: 0..<100, using: &random)
        }
        .sorted()
        all += times
        return try folder.write("\(number)", capture(times))
      }
      let read = try packets(of: CaptureSelection(paths: paths))
      #expect(read.map(\.time) == all.sorted(), "\(seed)")
      for path in paths {
        let numbers = read.filter { $0.file == path }.map(\.fileNumber)
        #expect(numbers == Array(1...UInt64(numbers.count + 1)).dropLast(), "\(seed)")
      }
    }
  }

  @Test("A directory stands for the captures in it; other files in it are ignored")
  func directory() throws {
    let folder = try Folder()
    defer { folder.remove() }
    _ = try folder.write("b.pcap", capture([1]))
    _ = try folder.write("a.cap", Packing.gzip.pack(capture([2])))
    _ = try folder.write("notes.txt", Array("not a capture".utf8))
    _ = try folder.write("empty", [])
    _ = try folder.write(".hidden", capture([3]))
    #expect(try packets(of: CaptureSelection(paths: [folder.path])).map(\.time) == [1, 2])
    #expect(try summary(of: CaptureSelection(paths: [folder.path])).damage == [])
  }

  @Test(
    "A capture in a directory that cannot be read to its end is reported, even when none of its packets can be read"
  )
  func damagedInDirectory() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let whole = capture([1, 2])
    _ = try folder.write("a", whole)
    _ = try folder.write("cut-in-header", Array(whole.prefix(20)))
    _ = try folder.write("cut-in-record", Array(whole.prefix(30)))
    _ = try folder.write("senseless", whole.prefix(24) + [UInt8](repeating: 0xFF, count: 200))
    _ = try folder.write("packed", Packing.gzip.pack(Array(whole.prefix(30))))
    _ = try folder.write("readme.gz", Packing.gzip.pack(Array("not a capture".utf8)))
    _ = try folder.write("x", [1, 2])
    let damage = try summary(of: CaptureSelection(paths: [folder.path])).damage
    #expect(damage.count == 4, "\(damage)")
    for name in ["cut-in-header", "cut-in-record", "senseless", "packed"] {
      #expect(damage.contains { $0.contains("/\(name) ") }, "\(damage)")
    }
  }

  @Test("Metadata of captures without packets is kept: secrets may be in a file of their own")
  func secretsAlone() throws {
    let folder = try Folder()
    defer { folder.remove() }
    var file = PcapngBuilder()
    file.section()
    file.secrets(Array("CLIENT_RANDOM 00 11\n".utf8))
    let secrets = try folder.write("secrets", file.file)
    file.block(6, [UInt8](repeating: 0, count: 24))
    let damaged = try folder.write("damaged", file.file)
    let packets = try folder.write("packets", capture([1]))
    let summary = try summary(of: CaptureSelection(paths: [damaged, packets, secrets]))
    #expect(Set(summary.inputs.map(\.name.description)) == [damaged, packets, secrets])
    let secretsRead: Int = summary.inputs.map(\.metadata.secrets.count).reduce(0, +)
    #expect(secretsRead == 2)
    #expect(
      summary.damage.count == 1 && summary.damage[0].contains("refers to interface 0"), "\(summary.damage)")
    // Nor is an ending reported twice when there is nothing else.
    let alone = try self.summary(of: CaptureSelection(paths: [secrets, damaged]))
    #expect(alone.inputs.map(\.name.description).sorted() == [damaged, secrets])
    #expect(alone.damage.count == 1)
  }

  @Test("A quoted pattern stands for the files that it matches; each file is read once")
  func pattern() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let first = try folder.write("x1.pcap", capture([1]))
    _ = try folder.write("x2.pcap", capture([2]))
    _ = try folder.write("y.pcap", capture([3]))
    let paths = ["\(folder.path)/x*.pcap", first, folder.path + "/./x1.pcap"]
    #expect(try packets(of: CaptureSelection(paths: paths)).map(\.time) == [1, 2])
  }

  @Test(
    "A file that cannot be read, or not to its end, does not keep the others from being read")
  func damaged() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let whole = try folder.write("whole", capture([1, 5, 6]))
    let cut = try folder.write("cut", Array(capture([2, 3, 4]).dropLast()))
    let text = try folder.write("text", Array("not a capture".utf8))
    let selection = CaptureSelection(paths: [whole, cut, text, folder.path + "/missing"])
    #expect(try packets(of: selection).map(\.time) == [1, 2, 3, 5, 6])
    let damage = try summary(of: selection).damage
    #expect(damage.count == 3)
    #expect(damage.contains { $0.contains("text has an unknown file format") })
    #expect(damage.contains { $0.contains("missing: No such file") })
    #expect(damage.contains { $0.contains("cut is cut after packet 2, byte offset") })
  }

  @Test("It is an error when no file can be read")
  func unusable() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let text = try folder.write("text", Array("not a capture".utf8))
    for paths in [[text, folder.path + "/missing"], [folder.path], [text]] {
      #expect(throws: CaptureError.self) { try packets(of: CaptureSelection(paths: paths)) }
    }
  }

  @Test("Captures without packets are not an error")
  func withoutPackets() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let paths = try ["a", "b"].map { try folder.write($0, capture([])) }
    #expect(try packets(of: CaptureSelection(paths: paths)).isEmpty)
    #expect(try packets(of: CaptureSelection(paths: [paths[0]])).isEmpty)
  }

  // MARK: Support

  private struct Read {
    var time: Int64
    var number: UInt64
    var fileNumber: UInt64
    var file: String
  }

  @Test("What is read is known by whatever name; of a directory, only captures are") func includes() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let named = try folder.write("named", capture([1]))
    let other = try folder.write("other", [1, 2, 3, 4])
    let alone = try #require(FileIdentity(FilePath(named)))
    let noCapture = try #require(FileIdentity(FilePath(other)))
    #expect(unsafe link(named, folder.path + "/hard") == 0)
    #expect(unsafe symlink("named", folder.path + "/soft") == 0)
    for path in [
      "named", "hard", "soft", "n*", "", "../\(folder.path.split(separator: "/").last ?? "")/soft",
    ] {
      #expect(CaptureSelection(paths: [folder.path + "/" + path]).includes(alone), "\(path)")
    }
    #expect(!CaptureSelection(paths: [other, folder.path + "/x*"]).includes(alone))
    // A file that was named is read in any case; in a directory, what is no capture is left out.
    #expect(CaptureSelection(paths: [other]).includes(noCapture))
    #expect(!CaptureSelection(paths: [folder.path]).includes(noCapture))
    #expect(FileIdentity(input: FilePath("-")) == FileIdentity(descriptor: 0))
  }

  private func packets(of selection: CaptureSelection) throws -> [Read] {
    var reader = try CaptureReader(selection)
    var read: [Read] = []
    while reader.advance() {
      #expect(reader.bytes.toArray() == [1, 2, 3])
      read.append(
        Read(
          time: reader.record.time.nanoseconds / 1_000_000_000, number: reader.record.number,
          fileNumber: reader.fileNumber, file: reader.files[reader.fileIndex].description))
    }
    return read
  }

  private func summary(of selection: CaptureSelection) throws -> InputSummary {
    var reader = try CaptureReader(selection)
    while reader.advance() {}
    return reader.finish()
  }

  private func capture(_ seconds: [Int64]) -> [UInt8] {
    var file = CaptureBuilder()
    for second in seconds { file.packet([1, 2, 3], time: CaptureTime(seconds: second, nanoseconds: 0)) }
    return file.file
  }
}
