import Foundation
import TestSupport
import Testing
import WireBytes

/// The counters of `capture_end`, each on a capture that has one thing to count.
@Suite("Counters at the end of a capture")
struct CounterTests {
  /// What is done to a session, and the counters that are not 0 then.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var counters: [String: Int]
    var packets: @Sendable () -> [Packet]
  }

  private static func session(_ body: (inout TCPConversation) -> Void) -> [Packet] {
    var tcp = TCPConversation()
    tcp.upgrade()
    tcp.text(from: .server, "hello")
    tcp.acknowledge(from: .client)
    body(&tcp)
    return tcp.packets
  }

  static let cases: [Case] = [
    Case(testDescription: "nothing", counters: [:]) { session { $0.close() } },
    Case(testDescription: "bytes that come again later", counters: ["retransmissions": 2]) {
      session { tcp in
        for _ in 0..<2 {
          tcp.wait(milliseconds: 300)
          tcp.serverNext -= 7
          tcp.text(from: .server, "hello")
        }
        tcp.close()
      }
    },
    Case(
      testDescription: "a packet that stands in the capture twice",
      counters: ["captured_twice": 1, "retransmissions": 1]
    ) {
      session { tcp in
        tcp.interval = 1000
        tcp.text(from: .server, "twice")
        tcp.serverNext -= 7
        tcp.text(from: .server, "twice")
        tcp.close()
      }
    },
    Case(testDescription: "segments before their turn", counters: ["out_of_order": 2]) {
      var packets = session { tcp in
        tcp.text(from: .server, "in three segments, of which the first comes last", segmentSize: 20)
        tcp.close()
      }
      let times = packets.map(\.time)
      packets.insert(packets.remove(at: 7), at: 9)
      for index in packets.indices { packets[index].time = times[index] }
      return packets
    },
    Case(testDescription: "a segment far ahead", counters: ["out_of_window": 1]) {
      session { tcp in
        let next = tcp.serverNext
        tcp.serverNext &+= 1 << 30
        tcp.text(from: .server, "far ahead")
        tcp.serverNext = next
        tcp.close()
      }
    },
    Case(testDescription: "segments after the end", counters: ["after_end": 2]) {
      session { tcp in
        tcp.rst(from: .client)
        tcp.text(from: .server, "late")
        tcp.text(from: .server, "later")
      }
    },
    Case(testDescription: "a RST outside the window", counters: ["invalid_resets": 1]) {
      session { tcp in
        let next = tcp.clientNext
        tcp.clientNext &+= 1 << 29
        tcp.rst(from: .client)
        tcp.clientNext = next
        tcp.text(from: .client, "it goes on")
        tcp.close()
      }
    },
    Case(testDescription: "keep-alive probes", counters: ["keep_alives": 2]) {
      session { tcp in
        for _ in 0..<2 {
          tcp.wait(milliseconds: 10_000)
          tcp.clientNext -= 1
          tcp.send(from: .client, [0])
          tcp.acknowledge(from: .server)
        }
        tcp.close()
      }
    },
    Case(testDescription: "a window that closes and opens", counters: ["zero_windows": 1]) {
      session { tcp in
        tcp.window = 0
        tcp.acknowledge(from: .client)
        tcp.acknowledge(from: .client)
        tcp.window = 65_535
        tcp.acknowledge(from: .client)
        tcp.close()
      }
    },
    Case(
      testDescription: "a fragment whose datagram is never whole",
      counters: ["incomplete_datagrams": 1]
    ) {
      let whole = session { $0.close() }
      let fragment = ipv4Fragments([UInt8](repeating: 0, count: 64), cuts: [32])[0]
      return whole + [Packet(ethernet(fragment), time: whole[whole.count - 1].time)]
    },
  ]

  @Test("Each counts what it says, and no other does", arguments: cases)
  func counters(_ item: Case) throws {
    let end = try end(item.packets())
    let reassembly = try #require(end.object("reassembly")).members.compactMapValues { $0 as? Int }
    #expect(reassembly.count == 13)
    #expect(reassembly.filter { $0.value != 0 } == item.counters)
    #expect(end.int("packets_out_of_time_order") == 0)
  }

  @Test(
    "Packets behind one with a later time are counted, and the times are the earliest and the latest"
  )
  func timeOrder() throws {
    var packets = Self.session { $0.close() }
    packets[6].time = packets[6].time.advanced(milliseconds: -3)
    packets[0].time = packets[0].time.advanced(milliseconds: 1)
    let end = try end(packets)
    #expect(end.int("packets_out_of_time_order") == 1)
    #expect(end.string("first_time") == "2026-11-20T09:12:03.001000000Z")
    #expect(end.string("last_time") == "2026-11-20T09:12:03.009000000Z")
  }

  @Test("A cut packet counts with its length on the wire")
  func cut() throws {
    let packets = Self.session { $0.close() }
    let whole = packets.map(\.bytes.count).reduce(0, +)
    #expect(try end(packets.map { $0.cut(to: 60) }).int("bytes") == whole)
  }

  private func end(_ packets: [Packet]) throws -> Event {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try Tool.run(["--json", folder.write(packets.pcap())])
    #expect(outcome.status == 0)
    return try #require(try outcome.events().last)
  }
}
