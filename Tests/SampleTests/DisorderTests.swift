import Foundation
import TestSupport
import Testing
import WireBytes

/// Packets that do not stand in the order of the wire: what cannot be read is said.
@Suite("Disorder")
struct DisorderTests {
  private func run(_ packets: [Packet]) throws -> (events: [Event], text: String, errors: [Substring]) {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(packets.pcap())
    let json = try Tool.run(["--json", path])
    #expect(json.status == 0)
    return (try json.events(), try Tool.run([path]).text, json.errorLines)
  }

  private var conversation: TCPConversation {
    var tcp = TCPConversation()
    tcp.upgrade()
    for number in 0..<20 {
      for side in [.client, .server] as [Side] { tcp.text(from: side, "message \(number) of the \(side)") }
    }
    tcp.close()
    return tcp
  }

  @Test("Bytes that come behind the first captured ones of their stream are counted and named")
  func swappedStart() throws {
    // From the first message on; the first two of the client change places.
    var packets = Array(conversation.packets.dropFirst(5))
    packets.swapAt(0, 2)
    let (events, text, errors) = try run(packets)
    let end = try #require(events.named("capture_end").first)
    let missed = packets[2].bytes.count - 54
    #expect(end.object("reassembly")?.int("bytes_before_start") == missed)
    #expect(end.int("packets_out_of_time_order") == 2)
    let note = try #require(events.named("anomaly").first { $0.string("rule") == "before_start" })
    #expect(note.string("from") == "client")
    #expect(note.string("detail")?.hasPrefix("\(missed) bytes") == true)
    #expect(text.contains("\(missed) bytes from before the start of connections came too late"), "\(text)")
    #expect(events.named("message").count == 39)
    #expect(errors.isEmpty, "packets overtake each other in any capture: \(errors)")
  }

  @Test("A capture in no order says so, and how to put it in order")
  func reversed() throws {
    let packets = conversation.packets
    let (events, _, errors) = try run(packets.reversed())
    #expect(events.named("capture_end").first?.int("packets_out_of_time_order") == packets.count - 1)
    #expect(errors.count == 1)
    #expect(errors.first?.contains("\(packets.count - 1) of \(packets.count) packets") == true, "\(errors)")
    #expect(errors.first?.contains("reordercap") == true, "\(errors)")
  }

  @Test("However packets are read, each that stands out of time order is counted once")
  func counted() throws {
    var tcp = TCPConversation()
    for number in 0..<3000 { tcp.text(from: .client, "message \(number)") }
    var packets = tcp.packets
    for index in stride(from: 0, to: packets.count - 1, by: 7) { packets.swapAt(index, index + 1) }
    for index in 2000..<packets.count {
      packets[index].time = packets[index].time.advanced(milliseconds: -500)
    }
    var (latest, late) = (packets[0].time.nanoseconds, 0)
    for packet in packets {
      if packet.time.nanoseconds < latest { late += 1 }
      latest = max(latest, packet.time.nanoseconds)
    }
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(packets.pcap())
    for outcome in [
      try Tool.run(["--json", path]), try Tool.run(["--json", "-"], input: URL(filePath: path)),
    ] {
      #expect(try outcome.events().named("capture_end").first?.int("packets_out_of_time_order") == late)
    }
  }

  @Test("Captures one behind the other are in no order, and nothing is missing")
  func concatenated() throws {
    var later = TCPConversation(client: TestEndpoint("10.0.0.9", 41_000))
    later.upgrade()
    later.text(from: .client, "a message")
    later.close()
    var first = conversation.packets
    for index in first.indices { first[index].time = first[index].time.advanced(milliseconds: 100_000) }
    let (events, _, errors) = try run(first + later.packets)
    #expect(errors.isEmpty)
    #expect(events.named("capture_end").first?.int("packets_out_of_time_order") == later.packets.count)
    #expect(events.named("message").count == 41)
  }

  @Test("In order nothing is said")
  func inOrder() throws {
    let (events, _, errors) = try run(conversation.packets)
    #expect(errors.isEmpty)
    let end = try #require(events.named("capture_end").first)
    #expect(end.int("packets_out_of_time_order") == 0)
    #expect(end.object("reassembly")?.int("bytes_before_start") == 0)
    #expect(events.named("message").count == 40)
  }
}
