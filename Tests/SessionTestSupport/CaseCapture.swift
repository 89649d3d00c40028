import Foundation
import TestSupport
import WireBytes

/// The packets of a small capture in `Tests/Cases`: classic pcap, little-endian.
package func packets(ofCase name: String) throws -> [Packet] {
  let tests = (0..<2).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
  let bytes = Array(try Data(contentsOf: tests.appending(path: "Cases/\(name).pcap")))
  func number(_ place: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) } }
  let unit = number(0) == 0xA1B2_C3D4 ? 1000 : 1
  var (packets, place): ([Packet], Int) = ([], 24)
  while place + 16 <= bytes.count {
    let time = CaptureTime(seconds: Int64(number(place)), nanoseconds: Int64(number(place + 4) * unit))
    let count = number(place + 8)
    packets.append(
      Packet(
        Array(bytes[(place + 16)..<(place + 16 + count)]), time: time, originalLength: number(place + 12)))
    place += 16 + count
  }
  return packets
}
