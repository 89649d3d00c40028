import CaptureInput
import TestSupport
import Testing
import WireBytes

@Suite("What is said of each input when it has been read")
struct InputEndingTests {
  private struct Ending: Equatable {
    var name: String
    var packets: UInt64
    var comments: [String]
  }

  private func capture(_ comment: String, _ seconds: [UInt64]) -> [UInt8] {
    var file = PcapngBuilder()
    file.section(options: file.option(1, Array(comment.utf8)))
    file.interface(linkType: 1)
    for second in seconds { file.packet([1, 2, 3], interface: 0, units: second * 1_000_000) }
    return file.file
  }

  private func endings(_ paths: [String], reading limit: Int = .max) throws -> [Ending] {
    var reader = try CaptureReader(CaptureSelection(paths: paths))
    var read = 0
    while read < limit, reader.advance() { read += 1 }
    return reader.finish().inputs.map {
      Ending(name: $0.name.description, packets: $0.packets, comments: $0.metadata.comments.map(\.text))
    }
  }

  @Test("Its own packets and what it says beside them, in the order in which inputs end") func several()
    throws
  {
    let folder = try Folder()
    defer { folder.remove() }
    let long = try folder.write("long", capture("the long one", [1, 4, 9]))
    let short = try folder.write("short", capture("the short one", [2, 3]))
    let empty = try folder.write("empty", capture("the empty one", []))
    #expect(
      try endings([long, short, empty]) == [
        Ending(name: empty, packets: 0, comments: ["the empty one"]),
        Ending(name: short, packets: 2, comments: ["the short one"]),
        Ending(name: long, packets: 3, comments: ["the long one"]),
      ])
  }

  @Test("Of one that is not read to its end, what was read") func notToItsEnd() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let path = try folder.write("one", capture("the only one", [1, 4, 9]))
    #expect(
      try endings([path], reading: 2) == [Ending(name: path, packets: 2, comments: ["the only one"])])
  }
}
