import TestSupport
import WireBytes

@testable import WebSocketDecoding

/// Protocols that carry whole frames of a WebSocket after a header of their own.
extension OtherProtocol {
  static let carriersOfFrames: [OtherProtocol] = carriers.map {
    var carrier = $0
    carrier.beginsWithWholePacket = true
    return carrier
  }

  private static let carriers: [OtherProtocol] = [
    OtherProtocol("a WebSocket over HTTP/2") { random, number in
      [(0, data(carried(.client, 1, &random), number)), (1, data(carried(.server, 1, &random), number))]
    },
    OtherProtocol("a WebSocket over HTTP/2 with other frames around it") { random, number in
      let update = OtherProtocol.number(4, bytes: 3) + [8, 0, 0, 0, 0, 0, 0, 0, 0x40, 0]
      let ping = OtherProtocol.number(8, bytes: 3) + [6, 0, 0, 0, 0, 0] + random.bytes(8)
      return [
        (0, update + data(carried(.client, 2, &random), number)),
        (1, data(carried(.server, 3, &random), number)),
        (1, ping), (0, Array(ping[..<4]) + [1] + ping[5...]),
      ]
    },
  ]

  /// A DATA frame (RFC 9113 §6.1).
  private static func data(_ bytes: [UInt8], _ number: Int) -> [UInt8] {
    OtherProtocol.number(bytes.count, bytes: 3) + [0, 0] + OtherProtocol.number(number % 3 * 2 + 1, bytes: 4)
      + bytes
  }

  private static func carried(_ side: Side, _ frames: Int, _ random: inout SeededRandom) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<frames {
      let payload = json(&random)
      bytes += TestFrame(.text, payload).from(side, &random).bytes
    }
    return bytes
  }
}
