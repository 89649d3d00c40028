import CaptureInput
import Testing
import WireBytes

@Suite("Writing pcapng")
struct PcapngWriterTests {
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
