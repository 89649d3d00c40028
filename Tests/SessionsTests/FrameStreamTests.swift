import Testing
import WebSocketDecoding
import WireBytes

@testable import Sessions

@Suite struct FrameStreamTests {
  private static let second: Int64 = 1_000_000_000

  private func place(_ packet: UInt64, _ seconds: Int64) -> StreamPosition {
    StreamPosition(offset: packet * 10, packet: packet, time: CaptureTime(nanoseconds: seconds * Self.second))
  }

  private func stream() -> FrameStream {
    FrameStream(
      WebSocketDecoder(side: .client, compression: .none), of: SessionIndex(0),
      since: CaptureTime(nanoseconds: 0), readsFrames: true)
  }

  @Test func itFitsIntoAPairOfLines() { #expect(MemoryLayout<FrameStream>.size <= 128) }

  @Test(
    "A packet tells since when its side was silent if neither side may have been silent for so long before")
  func pauses() {
    var stream = stream()
    #expect(stream.note(place(1, 5)) == CaptureTime(nanoseconds: 0))
    // The peer had spoken after three of these five seconds.
    stream.notePause(ofBoth: 2 * Self.second)
    #expect(stream.note(place(1, 9)) == nil)
    #expect(stream.note(place(2, 7)) == nil)
    #expect(stream.note(place(3, 20)) == CaptureTime(nanoseconds: 7 * Self.second))
    stream.notePause(ofBoth: 13 * Self.second)
    #expect(stream.note(place(4, 33)) == nil)
    // A shorter one does not count.
    stream.notePause(ofBoth: 1)
    #expect(stream.note(place(5, 46)) == nil)
  }

  @Test("Less than a second is no pause", arguments: [(999, false), (1000, false), (1001, true)])
  func shortest(milliseconds: Int64, isTold: Bool) {
    var stream = stream()
    let time = CaptureTime(nanoseconds: milliseconds * 1_000_000)
    #expect((stream.note(StreamPosition(offset: 0, packet: 1, time: time)) != nil) == isTold)
  }

  @Test func timesThatLeapDoNotTrap() {
    var stream = stream()
    for time in [Int64.max, .min, 0, .min, .max] {
      let place = StreamPosition(
        offset: 0, packet: UInt64(bitPattern: time) | 1, time: CaptureTime(nanoseconds: time))
      _ = stream.note(place)
    }
    #expect(stream.summary.lastBytes != nil)
  }
}
