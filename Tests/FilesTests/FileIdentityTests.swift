import Files
import Foundation
import Testing

@Suite("Paths that lead to one file")
struct FileIdentityTests {
  @Test("Are recognized, whatever they are called") func same() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let file = try folder.write("file", [1])
    let files = FileManager.default
    try files.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: file)
    try files.linkItem(atPath: file, toPath: folder.path + "/second")
    let identity = try #require(FileIdentity(FilePath(file)))
    for name in [
      "file", "./file", "../\(folder.path.split(separator: "/").last ?? "")/file", "link", "second",
    ] {
      #expect(FileIdentity(FilePath(folder.path + "/" + name)) == identity, "\(name)")
    }
  }

  @Test("Others are others, even with the same bytes") func others() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let paths = try [folder.write("one", [1]), folder.write("two", [1]), folder.path]
    #expect(Set(paths.map { FileIdentity(FilePath($0)) }).count == 3)
    #expect(FileIdentity(FilePath(folder.path + "/none")) == nil)
  }

  @Test("An open file is the one that its path leads to") func open() {
    #expect(FileIdentity(descriptor: 0) == FileIdentity(FilePath("/proc/self/fd/0")))
  }
}
