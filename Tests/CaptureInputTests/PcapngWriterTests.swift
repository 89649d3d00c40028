import CaptureInput
import Testing
import WireBytes

@Suite("Writing pcapng")
struct PcapngWriterTests {
  @Test("A section is of version 1.0 and names its writer; every block has its length twice")
  func literal() {
    var writer = PcapngWriter()
    writer.start(interface: "lo", linkType: 1, snapLength: 96, filter: nil)
    let header: [UInt8] = [
      0x0a, 0x0d, 0x0d, 0x0a, 44, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0,  // block, byte order, version
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,  // a length that is not known
      4, 0, 5, 0, 0x77, 0x73, 0x74, 0x61, 0x70, 0, 0, 0, 0, 0, 0, 0, 44, 0, 0, 0,  // wstap, no more options
    ]
    let interface: [UInt8] = [
      1, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 96, 0, 0, 0,  // block, link type, snap length
      2, 0, 2, 0, 0x6c, 0x6f, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0,  // lo, nanoseconds
      0, 0, 0, 0, 40, 0, 0, 0,
    ]
    #expect(writer.bytes == header + interface)
    writer.removeAll()
    writer.secrets([1, 2, 3])
    #expect(
      writer.bytes == [10, 0, 0, 0, 24, 0, 0, 0, 0x4b, 0x53, 0x4c, 0x54, 3, 0, 0, 0, 1, 2, 3, 0, 24, 0, 0, 0])
  }

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
}
