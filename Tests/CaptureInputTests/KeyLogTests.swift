import CaptureInput
import Files
import Foundation
import TestSupport
import Testing
import WireBytes

@Suite("Key logs")
struct KeyLogTests {
  private static func line(_ number: Int) -> String {
    let random = String(repeating: "0\(number % 10)", count: 32)
    return "CLIENT_RANDOM \(random) \(String(repeating: "Ab", count: 48))\n"
  }

  private func append(_ text: String, to path: String) throws {
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    try file.seekToEnd()
    try file.write(contentsOf: Data(text.utf8))
    try file.close()
  }

  private func text(_ log: KeyLog) -> String { String(decoding: log.takeNew(), as: UTF8.self) }

  @Test("Each line comes once, when it is finished")
  func growing() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let path = try folder.write("keys.log", Array(Self.line(1).utf8))
    let log = try KeyLog(path: FilePath(path))
    #expect(text(log) == Self.line(1))
    #expect(text(log) == "")
    let (begin, end) = (Self.line(2).prefix(70), Self.line(2).dropFirst(70))
    try append(String(begin), to: path)
    #expect(text(log) == "")
    try append(end + Self.line(3).dropLast() + "\r\n", to: path)
    #expect(text(log) == Self.line(2) + Self.line(3))
    #expect(log.secrets == 3)
  }

  @Test(
    "What is not key material is left out: the wrong file was named, or a line is damaged",
    arguments: [
      "root:$6$hash:19000:0:99999:7:::", "CLIENT_RANDOM 00 11",
      "CLIENT_RANDOM \(String(repeating: "0", count: 64))",
      "client_random \(String(repeating: "0", count: 64)) \(String(repeating: "1", count: 96))",
      "CLIENT_RANDOM \(String(repeating: "0", count: 64)) \(String(repeating: "1", count: 95))",
      "CLIENT_RANDOM \(String(repeating: "0", count: 64)) \(String(repeating: "g", count: 96))",
      "A B C D", String(repeating: "A", count: 100_000),
    ])
  func other(line: String) throws {
    let folder = try Folder()
    defer { folder.remove() }
    let log = try KeyLog(
      path: FilePath(folder.write("keys.log", Array("# a comment\n\n\(line)\n\(Self.line(4))".utf8))))
    #expect(text(log) == Self.line(4))
    #expect(log.otherLines == 1)
  }

  @Test("A log that is overwritten or replaced by another file is read from its start")
  func anew() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let path = try folder.write("keys.log", Array((Self.line(1) + Self.line(2)).utf8))
    let log = try KeyLog(path: FilePath(path))
    #expect(text(log) == Self.line(1) + Self.line(2))
    // In its place: shorter than what was read.
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    try file.truncate(atOffset: 0)
    try file.write(contentsOf: Data(Self.line(3).utf8))
    try file.close()
    #expect(text(log) == Self.line(3))
    // Another one of its name; what the old one got last is not lost.
    try append(Self.line(4), to: path)
    let other = try folder.write("other", Array(Self.line(5).utf8))
    let old = try FileHandle(forWritingTo: URL(filePath: path))
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.moveItem(atPath: other, toPath: path)
    try old.seekToEnd()
    #expect(text(log) == Self.line(4))
    #expect(text(log) == Self.line(5))
  }

  @Test("A log that does not exist yet is waited for; a directory and a pipe are refused")
  func missing() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let log = try KeyLog(path: FilePath(folder.path + "/later.log"))
    #expect(!log.isOpen)
    #expect(text(log) == "")
    _ = try folder.write("later.log", Array(Self.line(6).utf8))
    #expect(text(log) == Self.line(6))
    #expect(throws: CaptureError.self) { try KeyLog(path: FilePath(folder.path)) }
    unsafe mkfifo(folder.path + "/pipe", 0o600)
    #expect(throws: CaptureError.self) { try KeyLog(path: FilePath(folder.path + "/pipe")) }
  }

  @Test("A large log comes in parts of whole lines")
  func large() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let whole = (0..<20_000).map(Self.line).joined()
    let log = try KeyLog(path: FilePath(folder.write("keys.log", Array(whole.utf8))))
    var (read, parts) = ("", 0)
    while read.utf8.count < whole.utf8.count, parts < 100 {
      let part = text(log)
      #expect(part.hasSuffix("\n"))
      read += part
      parts += 1
    }
    #expect(read == whole)
    #expect(parts > 1)
  }

  @Test("Every file of a ring has the secrets so far and can be read alone")
  func ring() throws {
    let folder = try Folder()
    defer { folder.remove() }
    var limits = CaptureOutput.Limits()
    (limits.fileBytes, limits.files) = (4000, 9)
    let output = try CaptureOutput(
      path: FilePath(folder.path + "/ring.pcapng"),
      header: PacketFile.header(interface: "eth0", linkType: 1), limits: limits)
    for number in 0..<30 {
      var blocks = PcapngWriter()
      let packet = [UInt8](repeating: UInt8(number), count: 500)
      unsafe packet.withUnsafeBytes {
        unsafe blocks.packet(
          $0, originalLength: 500, time: CaptureTime(seconds: Int64(number), nanoseconds: 0))
      }
      #expect(output.write(blocks.bytes) == nil)
      guard number == 0 || number == 9 else { continue }
      var secrets = PcapngWriter()
      secrets.secrets(Array(Self.line(number).utf8))
      #expect(output.write(secrets.bytes) == nil)
      output.keep(secrets: secrets.bytes)
    }
    #expect(output.close() == nil)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names.count >= 4)
    let held = try names.map { name in
      let reading = try Reading(Array(try Data(contentsOf: URL(filePath: "\(folder.path)/\(name)"))))
      #expect(reading.damage == nil)
      #expect(reading.metadata.secrets.allSatisfy { $0.kind == DecryptionSecrets.tlsKeyLog })
      return reading.metadata.secrets.map { String(decoding: $0.bytes, as: UTF8.self) }
    }
    #expect(held.first == [Self.line(0)])
    #expect(held.last == [Self.line(0), Self.line(9)])
  }
}
