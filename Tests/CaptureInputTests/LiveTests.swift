import CaptureInput
import Foundation
import TestSupport
import Testing
import WireBytes

@Suite("Live capture")
struct LiveTests {
  @Test("What is written while capturing is read as a capture of that interface")
  func writer() throws {
    var writer = PcapngWriter()
    writer.start(interface: "veth0", linkType: 276, snapLength: 96, filter: "tcp port 80")
    let times = [CaptureTime(seconds: 1_700_000_000, nanoseconds: 123_456_789), CaptureTime(nanoseconds: 0)]
    for (length, time) in zip([5, 0], times) {
      let packet = [UInt8](repeating: 7, count: length)
      unsafe packet.withUnsafeBytes { unsafe writer.packet($0, originalLength: 60, time: time) }
    }
    writer.statistics(received: 9, droppedBySystem: 2, droppedByInterface: 1, at: times[0])
    let reading = try Reading(writer.bytes)
    #expect(reading.damage == nil)
    #expect(reading.packets.map(\.bytes.count) == [5, 0])
    #expect(reading.packets.map(\.nanoseconds) == times.map(\.nanoseconds))
    #expect(reading.packets.map(\.originalLength) == [60, 60])
    #expect(reading.packets.map(\.linkType) == [276, 276])
    let interface = try #require(reading.metadata.interfaces.first)
    #expect(interface.name == "veth0")
    #expect(interface.received == 9)
    #expect(interface.droppedBySystem == 2)
    #expect(interface.droppedByInterface == 1)
  }

  @Test("The buffer gives what went in, in order, whoever is faster", arguments: [1, 64, 4096])
  func ring(capacity: Int) async throws {
    let ring = LiveRing(capacity: capacity)
    let total = capacity * 20 + 7
    let writer = Thread {
      var random = SeededRandom(seed: 1)
      var next = 0
      while next < total {
        let count = min(Int.random(in: 1...capacity * 3, using: &random), total - next)
        let bytes = (next..<next + count).map { UInt8(truncatingIfNeeded: $0) }
        #expect(unsafe bytes.withUnsafeBytes { unsafe ring.write($0) })
        next += count
      }
      ring.end()
    }
    writer.start()
    var read: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 100)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe ring.read(into: $0) }
      if count == 0 { break }
      read += buffer[..<count]
    }
    #expect(read == (0..<total).map { UInt8(truncatingIfNeeded: $0) })
    #expect(ring.state.waiting == 0)
  }

  @Test("A writer does not wait for a reader that has gone")
  func abandoned() {
    let ring = LiveRing(capacity: 8)
    let bytes = [UInt8](repeating: 1, count: 8)
    #expect(unsafe bytes.withUnsafeBytes { unsafe ring.write($0) })
    // Who asks meanwhile is answered.
    var asked = 0
    #expect(
      unsafe !bytes.withUnsafeBytes {
        unsafe ring.write($0) {
          asked += 1
          if asked == 2 { ring.abandon() }
        }
      })
    #expect(asked == 2)
    #expect(ring.state.waits.times == 1)
  }

  @Test("A ring of files keeps the newest; each is a whole capture")
  func files() throws {
    let folder = try Folder()
    defer { folder.remove() }
    var limits = CaptureOutput.Limits()
    (limits.fileBytes, limits.files) = (500, 3)
    let output = try CaptureOutput(path: folder.path + "/ring.pcapng", limits: limits)
    var header = PcapngWriter()
    header.start(interface: "eth0", linkType: 1, snapLength: 0, filter: nil)
    output.begin(header: header.bytes)
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
    let output = try CaptureOutput(path: device)
    output.begin(header: [1, 2, 3, 4])
    let words = output.write([5, 6, 7, 8])
    #expect(words?.contains("full cannot be written: No space left on device") == true, "\(words ?? "")")
  }

  @Test("Of what a full disk took the whole blocks stay", .enabled(if: getuid() == 0))
  func smallDisk() throws {
    let folder = try Folder()
    defer { folder.remove() }
    guard mount(folder.path) else { return }
    defer { unsafe umount(folder.path) }
    let output = try CaptureOutput(path: folder.path + "/live.pcapng")
    var blocks = PcapngWriter()
    blocks.start(interface: "eth0", linkType: 1, snapLength: 0, filter: nil)
    output.begin(header: blocks.bytes)
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
  private func mount(_ path: String) -> Bool {
    unsafe Glibc.mount("tmpfs", path, "tmpfs", 0, "size=64k") == 0
  }

  @Test("A file that cannot be created is an error")
  func noFile() {
    #expect(throws: CaptureError.self) { try CaptureOutput(path: "/nowhere/x.pcapng") }
  }

  @Test("An interface that does not exist is an error that says what to do")
  func noInterface() throws {
    let error = #expect(throws: CaptureError.self) { try LiveCapture(LiveOptions(interface: "nosuch0")) }
    let words = try #require(error?.description)
    // Without the right to capture that is said instead.
    #expect(words.contains("wstap interfaces") || words.contains("setcap"), "\(words)")
  }
}
