import Testing
import WireBytes

@testable import WebSocketDecoding

@Suite("What one direction has shown for and against frames")
struct MidstreamDirectionTests {
  /// What a direction has shown that sent these packets.
  private func direction(_ packets: [[UInt8]]) -> MidstreamDirection {
    var direction = MidstreamDirection()
    var offset: UInt64 = 0
    for (number, bytes) in packets.enumerated() {
      direction.receive(
        bytes.span,
        at: StreamPosition(
          offset: offset, packet: UInt64(number + 1), time: CaptureTime(nanoseconds: Int64(number))))
      offset += UInt64(bytes.count)
    }
    return direction
  }

  private static let noFrame = Array("xxxxxxxx".utf8)
  private static let ping = TestFrame(.ping, [1, 2, 3]).bytes

  @Test("A packet that begins with no frame where one is due costs bits; of two in a row there are none left")
  func falseStarts() {
    let one = direction([Self.noFrame])
    #expect(one.falseStarts == 1)
    #expect(one.score[masked: false] == -8 && one.score[masked: true] == -8)
    let two = direction([Self.noFrame, Self.noFrame])
    #expect(two.falseStarts == 2)
    #expect(two.score[masked: false] == -.infinity && two.score[masked: true] == -.infinity)
  }

  @Test("More than half of the packets must begin with one, once two do not", arguments: [2, 3])
  func halfFalse(frames: Int) {
    let packets =
      [Self.noFrame, Self.noFrame]
      + (0..<frames).map { TestFrame(.ping, [UInt8](repeating: UInt8($0), count: 3 + $0)).bytes }
    let score = direction(packets).score[masked: false]
    #expect(score.isFinite)
    #expect(direction(Array(packets.dropLast(frames - 1))).score[masked: false] == -.infinity)
  }

  @Test("A full packet may be followed by the rest of a frame", arguments: [(511, 2), (512, 1)])
  func full(bytes: Int, falseStarts: Int) {
    // The first packet may be the end of a frame, but a short one rarely is.
    let first = [UInt8](repeating: 0x78, count: bytes)
    #expect(direction([first]).falseStarts == falseStarts - 1)
    #expect(direction([first, Self.noFrame]).falseStarts == (falseStarts - 1) * 2)
  }

  @Test("A Close that ends the stream counts more") func lastClose() {
    let close = TestFrame(.close, [0x03, 0xE8]).bytes
    var direction = direction([Self.ping, close])
    let before = direction.score[masked: false]
    direction.finish(at: UInt64(Self.ping.count + close.count + 1))
    #expect(direction.score[masked: false] == before)
    direction.finish(at: UInt64(Self.ping.count + close.count))
    #expect(direction.score[masked: false] == before + 4)
  }
}
