import CaptureInput
import Files
import Foundation
import Testing
import WireBytes

@Suite("Files of a capture")
struct CaptureOutputTests {
  private static let header = PacketFile.header(interface: "eth0", linkType: 1)

  @Test("A ring of files keeps the newest; each is a whole capture")
  func files() throws {
    let folder = try Folder()
    defer { folder.remove() }
    var limits = CaptureOutput.Limits()
    (limits.fileBytes, limits.files) = (500, 3)
    let output = try CaptureOutput(
      path: FilePath(folder.path + "/ring.pcapng"), header: Self.header, limits: limits)
    for number in 0..<20 {
      var blocks = PcapngWriter()
      let packet = [UInt8](repeating: UInt8(number), count: 150)
      unsafe packet.withUnsafeBytes {
        unsafe blocks.packet(
          $0, originalLength: 150, time: CaptureTime(seconds: Int64(number), nanoseconds: 0))
      }
      #expect(output.write(blocks.bytes) == nil)
    }
    #expect(output.close() == nil)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names.count == 3)
    #expect(names.allSatisfy { $0.wholeMatch(of: /ring_000\d\d_\d{14}\.pcapng/) != nil }, "\(names)")
    var read: [UInt8] = []
    for name in names {
      let reading = try Reading(Array(try Data(contentsOf: URL(filePath: "\(folder.path)/\(name)"))))
      #expect(reading.damage == nil)
      read += reading.packets.compactMap(\.bytes.first)
    }
    #expect(read == Array((20 - UInt8(read.count))..<20))
    #expect(read.count >= 5)
  }

  @Test("A full disk is said in words, and the file ends with a whole block")
  func fullDisk() throws {
    let folder = try Folder()
    defer { folder.remove() }
    // By a name of its own: whatever becomes of that name, the machine's device is safe from it.
    let device = folder.path + "/full"
    try FileManager.default.createSymbolicLink(atPath: device, withDestinationPath: "/dev/full")
    let error = #expect(throws: CaptureError.self) {
      try CaptureOutput(path: FilePath(device), header: [1, 2, 3, 4])
    }
    #expect(error?.description.hasSuffix("full cannot be written: No space left on device") == true)
  }

  /// Whether a file system can be mounted: not for every user, nor in every container for the first one.
  private static let mayMount: Bool = {
    guard getuid() == 0, let folder = try? Folder() else { return false }
    defer { folder.remove() }
    defer { unsafe umount(folder.path) }
    return mount(folder.path)
  }()

  @Test(
    "Of what a full disk took the whole blocks stay", .enabled(if: mayMount, "mounting is not allowed here"))
  func smallDisk() throws {
    let folder = try Folder()
    defer { folder.remove() }
    try #require(Self.mount(folder.path))
    defer { unsafe umount(folder.path) }
    let output = try CaptureOutput(path: FilePath(folder.path + "/live.pcapng"), header: Self.header)
    var blocks = PcapngWriter()
    var (packets, words): (Int, String?) = (0, nil)
    while words == nil, packets < 1000 {
      blocks.removeAll()
      // Five at a time, of which some fit.
      for _ in 0..<5 {
        let packet = [UInt8](repeating: UInt8(packets % 256), count: 1001)
        unsafe packet.withUnsafeBytes {
          unsafe blocks.packet($0, originalLength: 1001, time: CaptureTime(nanoseconds: 0))
        }
        packets += 1
      }
      words = output.write(blocks.bytes)
    }
    #expect(words?.contains("cannot be written: No space left on device") == true, "\(words ?? "")")
    #expect(output.close() == nil)
    let bytes = Array(try Data(contentsOf: URL(filePath: folder.path + "/live.pcapng")))
    let reading = try Reading(bytes)
    #expect(reading.damage == nil)
    #expect((59...63).contains(reading.packets.count))
    #expect(reading.packets.enumerated().allSatisfy { $1.bytes.first == UInt8($0) })
  }

  /// A file system of 64 KiB, where that is allowed.
  private static func mount(_ path: String) -> Bool {
    unsafe Glibc.mount("tmpfs", path, "tmpfs", 0, "size=64k") == 0
  }

  @Test("A file that cannot be created is an error")
  func noFile() {
    #expect(throws: CaptureError.self) { try CaptureOutput(path: FilePath("/nowhere/x.pcapng"), header: []) }
  }
}
