import CPcap
import CaptureInput
import TestSupport
import Testing

/// What docs/supported.md says libpcap to refuse: it does, and it is read.
@Suite("Captures that libpcap refuses")
struct RefusedByLibpcapTests {
  /// A file, and how many packets are in it, of which libpcap gives fewer.
  struct Refused: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let file: [UInt8]
    let packets: Int

    init(_ description: String, packets: Int = 2, _ build: (inout PcapngBuilder) -> Void) {
      var builder = PcapngBuilder()
      builder.section()
      build(&builder)
      (testDescription, file, self.packets) = (description, builder.file, packets)
    }

    init(_ description: String, packets: Int, file: [UInt8]) {
      (testDescription, self.file, self.packets) = (description, file, packets)
    }
  }

  private static let raw = ip(from: "10.0.0.1", to: "10.0.0.2", tcp: tcp(to: 8080))

  private static func plain(_ count: Int) -> [UInt8] {
    var file = CaptureBuilder()
    for _ in 0..<count { file.packet(ethernet(raw)) }
    return file.file
  }

  static let refused: [Refused] = [
    Refused("interfaces of different link types") {
      $0.interface(linkType: 1)
      $0.interface(linkType: 101)
      $0.packet(ethernet(raw), interface: 0, units: 1)
      $0.packet(raw, interface: 1, units: 2)
    },
    Refused("interfaces of different snap lengths") {
      $0.interface(linkType: 1, snapLength: 100)
      $0.interface(linkType: 1, snapLength: 200)
      $0.packet(ethernet(raw), interface: 0, units: 1)
      $0.packet(ethernet(raw), interface: 1, units: 2)
    },
    Refused("two interfaces of LINKTYPE_RAW") {
      $0.interface(linkType: 101)
      $0.interface(linkType: 101)
      $0.packet(raw, interface: 0, units: 1)
      $0.packet(raw, interface: 1, units: 2)
    },
    Refused("sections of different byte order") {
      $0.interface(linkType: 1)
      $0.packet(ethernet(raw), units: 1)
      $0.section(bigEndian: true)
      $0.interface(linkType: 1)
      $0.packet(ethernet(raw), units: 2)
    },
    Refused("a packet of more than 256 KiB") {
      $0.interface(linkType: 1)
      $0.packet(ethernet(raw), units: 1)
      $0.packet(ethernet(raw) + [UInt8](repeating: 0, count: 300_000), units: 2)
    },
    Refused("a block of more than 16 MiB") {
      $0.interface(linkType: 1)
      $0.packet(ethernet(raw), units: 1)
      $0.block(0x0BAD, [UInt8](repeating: 0, count: 17 << 20))
      $0.packet(ethernet(raw), units: 2)
    },
    Refused("gzip", packets: 2, file: Packing.gzip.pack(plain(2))),
    Refused("zstd", packets: 2, file: Packing.zstd.pack(plain(2))),
    Refused("lz4", packets: 2, file: Packing.lz4.pack(plain(2))),
    Refused(
      "a packet of more than 256 KiB in pcap", packets: 2,
      file: {
        var file = CaptureBuilder()
        file.packet(ethernet(raw))
        file.packet(ethernet(raw) + [UInt8](repeating: 0, count: 300_000))
        return file.file
      }()),
  ]

  @Test("Are read whole", arguments: refused)
  func read(_ refused: Refused) throws {
    let reading = try Reading(refused.file)
    #expect(reading.packets.count == refused.packets)
    #expect(reading.damage == nil)
  }

  /// Later versions may well read more.
  @Test(
    "Are refused by it, at once or on the way", .enabled(if: libpcapVersion.contains("version 1.10.")),
    arguments: refused)
  func refusal(_ refused: Refused) throws {
    let folder = try Folder()
    defer { folder.remove() }
    let given = Self.packetsByLibpcap(try folder.write("refused", refused.file))
    #expect(given.isRefused, "\(given)")
    #expect(given.packets < refused.packets)
  }

  @Test("One that is not is read by both")
  func notRefused() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let given = Self.packetsByLibpcap(try folder.write("plain", Self.plain(2)))
    #expect(given.packets == 2 && !given.isRefused)
  }

  static var libpcapVersion: String { unsafe String(cString: pcap_lib_version()) }

  private static func packetsByLibpcap(_ path: String) -> (packets: Int, isRefused: Bool) {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PCAP_ERRBUF_SIZE)) { text in
      guard let handle = unsafe pcap_open_offline(path, text.baseAddress) else { return (0, true) }
      defer { unsafe pcap_close(handle) }
      var packets = 0
      var header: UnsafeMutablePointer<pcap_pkthdr>?
      var bytes: UnsafePointer<UInt8>?
      var status: Int32 = 1
      while true {
        unsafe status = pcap_next_ex(handle, &header, &bytes)
        if status != 1 { return (packets, status != PCAP_ERROR_BREAK) }
        packets += 1
      }
    }
  }
}
