import Files
import Foundation
import Testing

/// Names and modes of files that are written. What signals do is tested with the tool (SampleTests).
@Suite("Files that are written")
struct OutputFileTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func path(_ name: String) -> FilePath { FilePath(folder.path + "/" + name) }
  private func text(_ name: String) -> String? {
    try? String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)
  }
  private var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
  }
  private func mode(_ name: String) -> mode_t {
    var status = stat()
    return unsafe stat(folder.path + "/" + name, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  private func write(_ words: String, to name: String, _ kind: OutputKind) throws {
    let file = try OutputFile(path(name), kind)
    try file.write(Array(words.utf8))
    try file.close()
  }

  @Test("Have a hidden name until they are whole, and leave nothing when they are not") func hidden() throws {
    defer { folder.remove() }
    _ = try folder.write("out", Array("old".utf8))
    for kind in [OutputKind.document, .capture] {
      do {
        let file = try OutputFile(path("out"), kind)
        try file.write([1, 2, 3])
        #expect(names.count == 2)
        #expect(names.first?.wholeMatch(of: /\.out\.[0-9a-z]+\.partial/) != nil, "\(names)")
      }
      #expect(names == ["out"])
      #expect(text("out") == "old")
    }
    try write("new", to: "out", .document)
    #expect(names == ["out"])
    #expect(text("out") == "new")
  }

  @Test(
    "Keep the mode of one's own file; a new capture is for its user alone", arguments: [0o600, 0o644, 0o640])
  func modes(old: mode_t) throws {
    defer { folder.remove() }
    for kind in [OutputKind.document, .capture] {
      _ = try folder.write("old", [])
      unsafe chmod(folder.path + "/old", old | 0o4000)
      try write("x", to: "old", kind)
      #expect(mode("old") == old)
    }
    try write("x", to: "new", .capture)
    #expect(mode("new") == 0o600)
  }

  @Test("Take no rights from a file of somebody else's", .enabled(if: getuid() == 0))
  func othersMode() throws {
    defer { folder.remove() }
    for (old, document, capture) in [(0o666, 0o644, 0o600), (0o600, 0o600, 0o600), (0o444, 0o444, 0o400)]
      as [(mode_t, mode_t, mode_t)]
    {
      for (kind, expected) in [(OutputKind.document, document), (.capture, capture)] {
        _ = try folder.write("theirs", [])
        unsafe chmod(folder.path + "/theirs", old)
        unsafe chown(folder.path + "/theirs", 4711, 4711)
        try write("x", to: "theirs", kind)
        #expect(mode("theirs") & ~0o022 == expected & ~0o022)
        try FileManager.default.removeItem(atPath: folder.path + "/theirs")
      }
    }
  }

  @Test("Go into the folder that was named, also when another one gets its name meanwhile") func swapped()
    throws
  {
    defer { folder.remove() }
    let files = FileManager.default
    for name in ["a", "trap"] {
      try files.createDirectory(atPath: folder.path + "/" + name, withIntermediateDirectories: false)
    }
    let file = try OutputFile(path("a/out"), .document)
    try files.moveItem(atPath: folder.path + "/a", toPath: folder.path + "/b")
    try files.createSymbolicLink(atPath: folder.path + "/a", withDestinationPath: "trap")
    try file.close()
    #expect(try files.contentsOfDirectory(atPath: folder.path + "/b") == ["out"])
    #expect(try files.contentsOfDirectory(atPath: folder.path + "/trap") == [])
  }

  @Test("Follow no link of somebody else's, and as root none for a capture", .enabled(if: getuid() == 0))
  func links() throws {
    defer { folder.remove() }
    _ = try folder.write("victim", Array("old".utf8))
    for (link, target) in [
      ("ours", "victim"), ("theirs", "victim"), ("trap", "/dev/full"), ("lost", "nowhere"),
    ] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.path + "/" + link, withDestinationPath: target)
    }
    for link in ["theirs", "trap"] { unsafe lchown(folder.path + "/" + link, 4711, 4711) }
    for (link, kind, words) in [
      ("ours", .capture, "root writes no capture through one"), ("theirs", .capture, "of another user"),
      ("theirs", .document, "of another user"), ("trap", .capture, "of another user"),
      ("lost", .document, "leads nowhere"), ("lost", .capture, "leads nowhere"),
    ] as [(String, OutputKind, String)] {
      let failure = #expect(throws: FileFailure.self) { try write("new", to: link, kind) }
      #expect(failure?.description.contains(words) == true, "\(link) \(kind) \(String(describing: failure))")
    }
    #expect(text("victim") == "old")
    try write("new", to: "ours", .document)
    #expect(text("victim") == "new")
    #expect(names == ["lost", "ours", "theirs", "trap", "victim"])
  }

  @Test("Two captures of one name: the second takes it when it is whole, and neither is mixed") func two()
    throws
  {
    defer { folder.remove() }
    let first = try OutputFile(path("out"), .capture)
    try first.write(Array("first".utf8))
    try first.takeName()
    let second = try OutputFile(path("out"), .capture)
    try second.write(Array("second".utf8))
    try second.takeName()
    #expect(text("out") == "first")
    try first.write(Array(" and more".utf8))
    #expect(!first.isLost)
    try first.close()
    #expect(text("out") == "first and more")
    try second.close()
    #expect(text("out") == "second")
    #expect(names == ["out"])
  }

  @Test("Say when somebody has taken them away") func lost() throws {
    defer { folder.remove() }
    let file = try OutputFile(path("out"), .capture)
    try file.takeName()
    #expect(!file.isLost)
    try FileManager.default.moveItem(atPath: folder.path + "/out", toPath: folder.path + "/other")
    #expect(!file.isLost)
    try FileManager.default.removeItem(atPath: folder.path + "/other")
    #expect(file.isLost)
  }

  @Test("Of a ring take the first name that is free, and replace nothing") func ring() throws {
    defer { folder.remove() }
    _ = try folder.write("r1", Array("old".utf8))
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/r2", withDestinationPath: "r1")
    let ring = try OutputFolder(of: path("r"))
    let file = try OutputFile(inRing: path("r"), ring)
    var number = 0
    let name = try file.takeName {
      number += 1
      return FilePath("r\(number)")
    }
    #expect(name == FilePath("r3"))
    #expect(file.path == path("r3"))
    #expect(names == ["r1", "r2", "r3"])
    #expect(text("r1") == "old")
    // Only while it is the same file.
    let identity = try #require(file.identity)
    try FileManager.default.removeItem(atPath: folder.path + "/r3")
    _ = try folder.write("r3", Array("theirs".utf8))
    ring.remove(FilePath("r3"), if: identity)
    #expect(text("r3") == "theirs")
  }

  @Test("Have a hidden name that is no longer than a name may be, and cut between characters") func longName()
    throws
  {
    defer { folder.remove() }
    for name in [String(repeating: "n", count: 255), "x" + String(repeating: "é", count: 127)] {
      let file = try OutputFile(path(name), .document)
      #expect(names.count == 1)
      #expect(names.first.map { $0.utf8.count <= 255 && !$0.contains("\u{FFFD}") } == true, "\(names)")
      try file.close()
      #expect(names == [name])
      try FileManager.default.removeItem(atPath: folder.path + "/" + name)
    }
  }

  @Test(
    "Are refused where there can be none",
    arguments: ["", "sub", "sub/", "none/x", ".", String(repeating: "n", count: 256)])
  func refused(name: String) throws {
    defer { folder.remove() }
    try FileManager.default.createDirectory(atPath: folder.path + "/sub", withIntermediateDirectories: false)
    #expect(throws: FileFailure.self) { try OutputFile(path(name), .document) }
    #expect(names == ["sub"])
  }
}
