import Foundation
import TestSupport
import WireBytes

/// Packets of a capture as Ethernet frames with their times, so that captures of different formats can be put together.
struct CaptureFrames {
  var name: String
  var packets: [Packet]

  init(_ name: String, _ packets: [Packet]) { (self.name, self.packets) = (name, packets) }

  /// A pcap file, little-endian, of LINKTYPE_ETHERNET or LINKTYPE_LINUX_SLL2.
  init(file: URL) throws {
    let bytes = Array(try Data(contentsOf: file))
    let isNanoseconds = bytes[0] == 0x4D
    let isCooked = bytes[20] == 0x14 && bytes[21] == 0x01
    var packets: [Packet] = []
    for record in MutableCapture(bytes).records {
      func number(_ place: Int) -> Int { (0..<4).reduce(0) { $0 | Int(record[place + $1]) << (8 * $1) } }
      var frame = Array(record.dropFirst(16))
      var original = number(12)
      if isCooked {
        frame = [UInt8](repeating: 0, count: 12) + frame[0..<2] + frame.dropFirst(20)
        original -= 6
      }
      let time = CaptureTime(
        seconds: Int64(number(0)), nanoseconds: Int64(number(4) * (isNanoseconds ? 1 : 1000)))
      packets.append(Packet(frame, time: time, originalLength: original))
    }
    self.init(
      file.deletingLastPathComponent().lastPathComponent + "/" + file.lastPathComponent, packets)
  }

  /// Samples, recordings and cases that are small enough to be run often.
  static let small: [CaptureFrames] = {
    let folders = [
      ("samples", true), ("Tests/Recordings/verdicts", false), ("Tests/Cases/crossed", false),
    ]
    return folders.flatMap { folder, hasSubfolders -> [CaptureFrames] in
      let root = Tool.packageRoot.appending(path: folder)
      let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path))?.sorted() ?? []
      return names.compactMap { name in
        guard hasSubfolders || name.hasSuffix(".pcap") else { return nil }
        let file = root.appending(path: hasSubfolders ? "\(name)/capture.pcap" : name)
        return try? CaptureFrames(file: file)
      }
    }
  }()

  /// The capture as other hosts would have had it: every address is another one.
  func onOtherHosts() -> CaptureFrames {
    var copy = self
    for index in copy.packets.indices {
      var frame = copy.packets[index].bytes
      guard frame.count > 34 else { continue }
      switch (frame[12], frame[13]) {
      case (0x08, 0x00): for place in [27, 31] { frame[place] ^= 0x2A }
      case (0x86, 0xDD): for place in [23, 39] { frame[place] ^= 0x2A }
      default: continue
      }
      copy.packets[index].bytes = frame
    }
    return copy
  }

  /// The capture as if it had begun so many nanoseconds later.
  func later(by nanoseconds: Int64) -> CaptureFrames {
    var copy = self
    for index in packets.indices { copy.packets[index].time.nanoseconds += nanoseconds }
    return copy
  }

  var first: CaptureTime { packets.map(\.time).min { $0.nanoseconds < $1.nanoseconds } ?? .testStart }
  var last: CaptureTime { packets.map(\.time).max { $0.nanoseconds < $1.nanoseconds } ?? .testStart }
}
