import Foundation
import TestSupport

/// What the tool says that was said, in a form in which a damaged capture can be compared with the whole one.
struct Heard {
  /// A message or control frame, named by its connection. Who sent it is left out: a side that masks wrongly cannot be
  /// told from the other one without a handshake.
  struct Item: Hashable {
    var clientPort: Int
    var kind: String
    var payload: [UInt8]
    /// It is all there and read.
    var isWhole: Bool
    var isCompressed: Bool
  }

  var items: [(item: Item, firstPacket: Int, lastPacket: Int)] = []
  var sessions: Set<Int> = []
  /// Per side of every session.
  var accounts: [(stream: Int, wire: Int, lost: Int, unexplained: Int)] = []
  var summary: Event?

  init(_ events: [Event]) {
    let openings = events.openings
    for event in events {
      let ends = [openings[event.session]?.object("client"), openings[event.session]?.object("server")]
      // A capture without a handshake may take one end for the other: the higher port is the client's here.
      let port = ends.compactMap { $0?.int("port") }.max() ?? 0
      switch event.name {
      case "message", "ping", "pong", "close":
        var payload = event.payload
        if event.name == "close" {
          payload = Array("\(event.int("code") ?? 0) \(event.string("reason") ?? "")".utf8)
        }
        // By their places in the capture: bytes may have come out of their order.
        let packets = [
          event.int("first_packet"), event.int("last_packet"), event.int("packet"),
          event.object("tcp")?.int("first_packet"), event.object("tcp")?.int("last_packet"),
        ].compactMap { $0 }
        items.append(
          (
            Item(
              clientPort: port, kind: event.string("opcode") ?? event.name, payload: payload,
              isWhole: (event.bool("complete") ?? true) && (event.bool("inflated") ?? true)
                && event.int("missing_bytes") == nil,
              isCompressed: event.bool("compressed") ?? false),
            packets.min() ?? 0, packets.max() ?? 0
          ))
      case "session_open":
        sessions.insert(port)
      case "session_close":
        for side in ["client", "server"] {
          guard let counts = event.object(side) else { continue }
          accounts.append(
            (
              counts.int("stream_bytes") ?? -1, counts.int("wire_bytes") ?? 0, counts.int("lost_bytes") ?? 0,
              counts.int("unexplained_bytes") ?? 0
            ))
        }
      case "capture_end":
        summary = event
      default: break
      }
    }
  }

  /// How often each whole item was heard.
  var whole: [Item: Int] {
    items.reduce(into: [:]) { counts, heard in
      if heard.item.isWhole { counts[heard.item, default: 0] += 1 }
    }
  }

  /// Whole items that `original` does not have, or not as often.
  func invented(comparedWith original: Heard) -> [Item] {
    var left = original.whole
    return items.map(\.item).filter { item in
      guard item.isWhole else { return false }
      left[item, default: 0] -= 1
      return left[item, default: 0] < 0
    }
  }

  /// How many of `wanted` were heard.
  func found(_ wanted: [Item]) -> Int {
    var left = whole
    return wanted.count { item in
      left[item, default: 0] -= 1
      return left[item, default: 0] >= 0
    }
  }

  var accountsAddUp: Bool { accounts.allSatisfy { $0.stream == $0.wire + $0.lost + $0.unexplained } }
}

/// Packets of a sample, to be left out or put elsewhere.
struct PacketList {
  let capture: MutableCapture

  init(_ story: Story) throws {
    try self.init(path: story.file("capture.pcap").path)
  }

  init(path: String) throws { capture = MutableCapture(Array(try Data(contentsOf: URL(filePath: path)))) }

  var count: Int { capture.records.count }

  /// What the tool says of the capture with these packets only, by their indices.
  func heard(_ indices: some Sequence<Int>, in folder: TemporaryFolder) throws -> Heard {
    var copy = capture
    copy.records = indices.map { capture.records[$0] }
    let outcome = try Tool.run(["--json", folder.write(copy.file)])
    return Heard(try outcome.events())
  }
}
