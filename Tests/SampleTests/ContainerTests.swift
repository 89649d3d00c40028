import Foundation
import TestSupport
import Testing
import WireBytes

/// One recorded conversation in every container and encapsulation says the same.
@Suite("Containers")
struct ContainerTests {
  static let story = Story(name: "chat")

  /// The packets of the recording without their link headers.
  private struct Recording {
    var packets: [(ip: [UInt8], time: CaptureTime)] = []

    init() throws {
      let file = Array(try Data(contentsOf: ContainerTests.story.file("capture.pcap")))
      let nanoseconds = file[0] == 0x4d
      var offset = 24
      func number(_ place: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(file[offset + place + $1]) << ($1 * 8) }
      }
      while offset < file.count {
        let length = number(8)
        let time = CaptureTime(
          seconds: Int64(number(0)), nanoseconds: Int64(number(4)) * (nanoseconds ? 1 : 1000))
        packets.append((Array(file[offset + 30..<offset + 16 + length]), time))
        offset += 16 + length
      }
    }

    func pcap(_ encapsulation: Encapsulation, nanoseconds: Bool = false, bigEndian: Bool = false) -> [UInt8] {
      var file = CaptureBuilder(
        linkType: encapsulation.linkType, nanoseconds: nanoseconds, bigEndian: bigEndian)
      for packet in packets { file.packet(encapsulation.wrap(packet.ip), time: packet.time) }
      return file.file
    }

    func pcap(_ partition: Partition) -> [UInt8] {
      var file = CaptureBuilder(linkType: partition.linkType)
      for start in stride(from: 0, to: packets.count, by: partition.together) {
        let part = packets[start..<min(start + partition.together, packets.count)]
        for packet in partition.wrap(part.map(\.ip), start + 1) {
          file.packet(packet, time: part[part.startIndex].time)
        }
      }
      return file.file
    }

    /// `sections` of them, each with two interfaces that take turns.
    func pcapng(bigEndian: Bool, sections: Int) -> [UInt8] {
      var file = PcapngBuilder()
      for (index, packet) in packets.enumerated() {
        if index % (packets.count / sections) == 0 {
          file.section(bigEndian: bigEndian != (index % 2 == 1))
          file.interface(linkType: 1, snapLength: 65_535)
          file.interface(linkType: 101, options: file.option(9, [9]))
          file.block(4, [0, 0, 0, 0])
        }
        let nanoseconds = UInt64(packet.time.nanoseconds)
        if index % 2 == 0 {
          file.packet(ethernet(packet.ip), interface: 0, units: nanoseconds / 1000)
        } else {
          file.packet(packet.ip, interface: 1, units: nanoseconds)
        }
      }
      return file.file
    }
  }

  private static let ethernetFrames = Encapsulation("Ethernet", 1) { ethernet($0) }

  /// Session, kind, side, text: what was said, without where in the file.
  private func said(_ arguments: [String], input: URL? = nil) throws -> [String] {
    let outcome = try Tool.run(["--json"] + arguments, input: input)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try outcome.events().filter { $0.name != "capture_end" && $0.name != "file" }.map { $0.canonical }
  }

  private func expectSame(_ bytes: [UInt8], _ what: String) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let events = try said([folder.write(bytes)])
    #expect(events == (try said([Self.story.capture])), "\(what)")
    #expect(events.count >= 19)
  }

  @Test("Kinds of pcap and pcapng", arguments: [false, true], [false, true])
  func kinds(bigEndian: Bool, other: Bool) throws {
    let recording = try Recording()
    try expectSame(recording.pcap(Self.ethernetFrames, nanoseconds: other, bigEndian: bigEndian), "pcap")
    try expectSame(recording.pcapng(bigEndian: bigEndian, sections: other ? 5 : 1), "pcapng")
  }

  @Test("Link headers and tunnels", arguments: Encapsulation.all)
  func encapsulations(_ encapsulation: Encapsulation) throws {
    try expectSame(try Recording().pcap(encapsulation), encapsulation.description)
  }

  @Test("Tunnels whose packets came in fragments, and parts of 802.11", arguments: Partition.all)
  func parts(_ partition: Partition) throws {
    // Numbers of packets are others, of course.
    func spoken(_ path: String) throws -> [String] {
      let outcome = try Tool.run(["--json", path])
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try outcome.events().filter { $0.name != "capture_end" }.map { event in
        let fields = ["from", "text", "how", "detail"].map { event.string($0) ?? "" }
        return "\(event.name) \(fields) \(event.int("bytes") ?? -1) \(event.int("code") ?? -1)"
      }
    }
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(try Recording().pcap(partition))
    #expect(try spoken(path) == (try spoken(Self.story.capture)))
  }

  @Test("Cooked, tagged, raw and loopback", arguments: TestLink.allCases)
  func links(_ link: TestLink) throws {
    let encapsulation = Encapsulation("\(link)", link.linkType()) { link.frame($0) }
    try expectSame(try Recording().pcap(encapsulation), encapsulation.description)
  }

  @Test("Packed", arguments: Packing.allCases, [false, true])
  func packed(_ packing: Packing, isPcapng: Bool) throws {
    try expectPacked(isPcapng: isPcapng) { path in packing.pack(Array(try Data(contentsOf: path))) }
  }

  private static func isInstalled(_ program: String) -> Bool {
    (try? Tool.shell("command -v \(program)").status == 0) == true
  }

  @Test(
    "Packed by gzip", .enabled(if: isInstalled("gzip"), "gzip is not installed"), arguments: [false, true])
  func packedByGzip(isPcapng: Bool) throws { try expectPacked(isPcapng: isPcapng, by: "gzip -c") }

  @Test(
    "Packed by zstd", .enabled(if: isInstalled("zstd"), "zstd is not installed"), arguments: [false, true])
  func packedByZstd(isPcapng: Bool) throws { try expectPacked(isPcapng: isPcapng, by: "zstd -qc") }

  @Test("Packed by lz4", .enabled(if: isInstalled("lz4"), "lz4 is not installed"), arguments: [false, true])
  func packedByLZ4(isPcapng: Bool) throws { try expectPacked(isPcapng: isPcapng, by: "lz4 -qc") }

  private func expectPacked(isPcapng: Bool, by program: String) throws {
    try expectPacked(isPcapng: isPcapng) { path in
      let packed = try Tool.shell("\(program) \"$1\"", [path.path])
      #expect(packed.status == 0, "\(packed.errors)")
      return Array(packed.output)
    }
  }

  /// What is read from a file that is packed, and from standard input, is what is read from the file itself.
  private func expectPacked(isPcapng: Bool, by pack: (URL) throws -> [UInt8]) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let recording = try Recording()
    let plain =
      isPcapng ? recording.pcapng(bigEndian: false, sections: 2) : recording.pcap(Self.ethernetFrames)
    let packed = try pack(URL(filePath: folder.write(plain)))
    #expect(packed.count < plain.count)
    _ = try folder.write(packed, "packed")
    #expect(try said([folder.file("packed").path]) == (try said([Self.story.capture])))
    #expect(try said(["-"], input: folder.file("packed")) == (try said([Self.story.capture])))
  }

  @Test("Five rotated files in the wrong order, and the folder of them; events say which file they are of")
  func rotated() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let recording = try Recording()
    let size = recording.packets.count / 5 + 1
    let paths = try (0..<5).map { number in
      var part = recording
      part.packets = Array(recording.packets.dropFirst(number * size).prefix(size))
      return try folder.write(part.pcap(Self.ethernetFrames), "ring-\(number).pcap")
    }
    let order = [3, 0, 4, 2, 1].map { paths[$0] }
    let whole = try said([Self.story.capture])
    #expect(try said(order) == whole)
    #expect(try said([folder.url.path]) == whole)
    let events = try Tool.run(["--json"] + order).events()
    #expect(events.named("file").compactMap { $0.string("file") } == paths)
    #expect(events.named("file").compactMap { $0.int("packet") } == (0..<5).map { $0 * size + 1 })
    #expect(events.named("file").allSatisfy { $0.int("file_packet") == 1 })
    let inputs = try #require(events.last?.objects("inputs"))
    #expect(inputs.compactMap { $0.string("file") } == paths)
    let text = try Tool.run(order).text
    #expect(text.contains("ring-2.pcap, from its packet 1, which is \(2 * size + 1)"), "\(text)")
  }

  @Test("A named pipe, and a file that is followed while it grows")
  func growing() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let recording = try Recording()
    let path = try folder.write(recording.pcapng(bigEndian: false, sections: 2))
    let whole = try said([Self.story.capture])
    func lines(_ outcome: Tool.Outcome) throws -> [String] {
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try outcome.events().filter { $0.name != "capture_end" }.map { $0.canonical }
    }
    let pipe = folder.file("pipe").path
    let piped = try await Tool.waitingShell(
      "mkfifo \"$2\"; cat \"$1\" > \"$2\" & exec \"$wstap\" --json \"$2\"", [path, pipe])
    #expect(try lines(piped) == whole)
    let grown = folder.file("grown").path
    let followed = try await Tool.waitingShell(
      """
      head -c 1001 "$1" > "$2"
      "$wstap" --json --follow-file "$2" > "$2.out" & pid=$!
      sleep 0.3; tail -c +1002 "$1" | head -c 2000 >> "$2"
      sleep 0.3; tail -c +3002 "$1" >> "$2"
      for wait in $(seq 100); do grep -q session_close "$2.out" && break; sleep 0.1; done
      kill -INT $pid; wait $pid; status=$?; cat "$2.out"; exit $status
      """, [path, grown])
    #expect(try lines(followed) == whole)
  }

  @Test("A filter leaves what it lets pass, and the same numbers")
  func filtered() throws {
    let port = try #require(Self.story.events().named("session_open").first?.object("client")?.int("port"))
    let whole = try said([Self.story.capture])
    #expect(try said(["-f", "tcp port \(port)", Self.story.capture]) == whole)
    #expect(try said(["-f", "udp", Self.story.capture]) == [])
    let wrong = try Tool.run(["-f", "tcp prot 80", Self.story.capture])
    #expect(wrong.status == 2)
    #expect(wrong.errors.contains("syntax error"), "\(wrong.errors)")
  }
}
