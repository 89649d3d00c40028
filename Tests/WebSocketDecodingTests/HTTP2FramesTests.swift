import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

/// What is taken for HTTP/2 (RFC 9113), and what is not.
@Suite struct HTTP2FramesTests {
  private static let settings: [UInt8] = [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100]
  private static let windowUpdate: [UInt8] = [0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0x40, 0]

  private func read(_ packets: [[UInt8]], isFrame: Bool = false) -> HTTP2Frames {
    var frames = HTTP2Frames()
    var offset: UInt64 = 100
    for packet in packets {
      frames.receive(packet: packet.span, at: offset, isFrame: isFrame)
      offset += UInt64(packet.count)
    }
    return frames
  }

  @Test(
    "Headers as RFC 9113 §6 demands them",
    arguments: [
      ([0, 0, 5, 0, 0, 0, 0, 0, 1], true), ([0, 0, 5, 0, 9, 0, 0, 0, 1], true),
      ([0, 0, 0, 0, 1, 0, 0, 0, 3], true),
      ([0, 0, 30, 1, 5, 0, 0, 0, 1], true), ([0, 0, 6, 4, 0, 0, 0, 0, 0], true),
      ([0, 0, 0, 4, 1, 0, 0, 0, 0], true),
      ([0, 0, 8, 6, 1, 0, 0, 0, 0], true), ([0, 0, 4, 8, 0, 0, 0, 0, 7], true),
      ([0, 0, 4, 3, 0, 0, 0, 0, 7], true),
      ([0, 0, 5, 0, 0, 0, 0, 0, 0], false), ([0, 0, 5, 0, 0, 0x80, 0, 0, 1], false),
      ([0, 0, 5, 0, 2, 0, 0, 0, 1], false), ([0, 0, 7, 4, 0, 0, 0, 0, 0], false),
      ([0, 0, 9, 6, 0, 0, 0, 0, 0], false), ([0, 0, 4, 8, 1, 0, 0, 0, 0], false),
      ([0, 0, 5, 10, 0, 0, 0, 0, 1], false), ([0, 0, 0, 0, 0, 0, 0, 0, 0], false),
      ([0, 0, 4, 8, 0, 0, 0, 0], false),
    ] as [([UInt8], Bool)])
  func headers(bytes: [UInt8], isOne: Bool) {
    #expect((HTTP2Frames.Header(parsing: bytes.span) != nil) == isOne)
  }

  @Test("A packet that its frames fill decides")
  func whole() {
    #expect(read([Self.settings + Self.windowUpdate]).areCertain)
    #expect(read([[0, 0, 3, 0, 0, 0, 0, 0, 1, 65, 66, 67], [0, 0, 1, 0, 0, 0, 0, 0, 1, 65]]).areCertain)
  }

  @Test("A frame that goes on in the next packets is waited for")
  func acrossPackets() {
    let start: [UInt8] = [0, 0x10, 0, 0, 0, 0, 0, 0, 1] + [UInt8](repeating: 0x55, count: 2000)
    let rest = [UInt8](repeating: 0x55, count: 2096)
    #expect(!read([start]).areCertain && read([start]).areLikely)
    #expect(read([start, rest + Self.windowUpdate]).areCertain)
    #expect(!read([start, rest + [0x81, 2, 65, 66, 1, 2, 3, 4, 5]]).areCertain)
  }

  @Test("Random bytes, zeros, small numbers and frames of a WebSocket are none")
  func others() {
    var random = SeededRandom.fresh()
    let numbers = (0..<300).flatMap { OtherProtocol.number($0 % 7, bytes: 4) }
    for start in 0..<12 { #expect(!read([Array(numbers.dropFirst(start))]).areCertain, "from \(start)") }
    #expect(!read([[UInt8](repeating: 0, count: 900)]).areLikely)
    for _ in 0..<200 { #expect(!read([random.bytes(400)]).areLikely, "\(random)") }
    #expect(!read([TestFrame("a text").bytes]).areLikely)
  }

  @Test("What a WebSocket carries may be HTTP/2", arguments: [true, false])
  func carried(isHeaderAlone: Bool) throws {
    let detector = MidstreamDetector()
    var random = SeededRandom.fresh()
    var (offset, found) = (0 as UInt64, nil as MidstreamRecognition?)
    for number in 0..<6 as Range<UInt64> {
      let payload = Self.settings + Self.windowUpdate + random.bytes(Int(number) * 3)
      let frame = TestFrame(.binary, payload).bytes
      for packet in isHeaderAlone ? [Array(frame[..<2]), Array(frame[2...])] : [frame] {
        let place = position(offset, packet: offset + 1)
        if case .recognized(let recognition) = detector.receive(packet.span, from: .server, at: place) {
          found = found ?? recognition
        }
        offset += UInt64(packet.count)
      }
    }
    let recognition = try #require(found)
    #expect(recognition.start(of: .server)?.offset == 0)
  }
}
