import Foundation
import Testing

@testable import CaptureInput

@Suite("Paths that lead to one file")
struct FileIdentityTests {
  @Test("Are recognized, whatever they are called") func same() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let file = try folder.write("file", [1])
    let files = FileManager.default
    try files.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: file)
    try files.linkItem(atPath: file, toPath: folder.path + "/second")
    let identity = try #require(FileIdentity(file))
    for name in [
      "file", "./file", "../\(folder.path.split(separator: "/").last ?? "")/file", "link", "second",
    ] {
      #expect(FileIdentity(folder.path + "/" + name) == identity, "\(name)")
    }
  }

  @Test("Others are others, even with the same bytes") func others() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let paths = try [folder.write("one", [1]), folder.write("two", [1]), folder.path]
    #expect(Set(paths.map { FileIdentity($0) }).count == 3)
    #expect(FileIdentity(folder.path + "/none") == nil)
  }

  @Test("A hyphen is standard input") func standardInput() {
    #expect(FileIdentity("-") == FileIdentity("/proc/self/fd/0"))
  }
}
