import PacketLayers
import WireBytes

@testable import Preambles

/// Bytes of both sides in turn, as a reader of preambles takes them, and what it makes of them.
struct Negotiation {
  /// Bytes of one side.
  struct Turn: Sendable {
    var side: Side
    var bytes: [UInt8]

    static func client(_ bytes: [UInt8]) -> Self { Self(side: .client, bytes: bytes) }
    static func server(_ bytes: [UInt8]) -> Self { Self(side: .server, bytes: bytes) }
  }

  var turns: [Turn] = []
  /// What follows the preamble.
  static let request = Array("GET / HTTP/1.1\r\n".utf8)
  static let answer = Array("HTTP/1.1 101 x\r\n".utf8)

  init(_ turns: [Turn]) { self.turns = turns }

  /// What a reader makes of it when each turn comes in pieces of at most `pieces` bytes. What comes after the end goes to the
  /// next reader, like what the reader hands over.
  func outcome(pieces: Int = .max) -> (outcome: String, client: [UInt8], server: [UInt8], offsetsAgree: Bool)
  {
    let reader = PreambleReader()
    var (result, rest, offsets): (String, [[UInt8]], [UInt64]) = ("undecided", [[], []], [0, 0])
    var (packet, offsetsAgree) = (UInt64(0), true)
    var sent: [[UInt8]] = [[], []]
    for turn in turns { sent[Int(turn.side.rawValue)] += turn.bytes }
    for turn in turns {
      let index = Int(turn.side.rawValue)
      packet += 1
      var start = 0
      while start < turn.bytes.count {
        let piece = Array(turn.bytes[start...].prefix(pieces))
        start += piece.count
        let position = StreamPosition(
          offset: offsets[index], packet: packet, time: CaptureTime(nanoseconds: 0))
        offsets[index] += UInt64(piece.count)
        if result != "undecided" {
          rest[index] += piece
          continue
        }
        guard case .ended(let end) = reader.receive(piece.span, from: turn.side, at: position) else {
          continue
        }
        result = Self.describe(end.outcome)
        for held in end.replay.pieces {
          let bytes = held.bytes ?? []
          let place = Int(held.position.offset)
          let whole = sent[Int(held.side.rawValue)]
          if place + bytes.count > whole.count || Array(whole[place..<place + bytes.count]) != bytes {
            offsetsAgree = false
          }
          rest[Int(held.side.rawValue)] += bytes
        }
      }
    }
    return (result, rest[0], rest[1], offsetsAgree)
  }

  static func describe(_ outcome: PreambleReader.Outcome) -> String {
    switch outcome {
    case .read(let preamble): describe(preamble)
    case .refused(let preamble): "refused, " + describe(preamble)
    case .other: "other"
    }
  }

  private static func describe(_ preamble: Preamble) -> String {
    var text = preamble.kind.rawValue
    if let version = preamble.version { text += " \(version)" }
    if let client = preamble.client { text += " \(client.address) \(client.port)" }
    if let server = preamble.server { text += " → \(server.address) \(server.port)" }
    if let target = preamble.target { text += " to \(target)" }
    return text + (preamble.isAuthenticated ? ", authenticated" : "")
  }
}
