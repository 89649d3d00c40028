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

  @Test("Only a pause that is longer than all before is told, of the side and of both")
  func pauses() {
    var stream = stream()
    let peer = CaptureTime(nanoseconds: 0)
    let first = stream.note(place(1, 5), peerLast: peer)
    #expect(first?.ofSide == 5 * Self.second && first?.ofBoth == 5 * Self.second)
    #expect(stream.note(place(1, 5), peerLast: peer) == nil)
    #expect(stream.note(place(2, 9), peerLast: peer) == nil)
    // The peer spoke a second before.
    let second = stream.note(place(3, 20), peerLast: CaptureTime(nanoseconds: 19 * Self.second))
    #expect(second?.ofSide == 11 * Self.second && second?.ofBoth == Self.second)
    // As long for both as never before, though not for the side.
    let third = stream.note(place(4, 30), peerLast: peer)
    #expect(third?.ofSide == 10 * Self.second && third?.ofBoth == 10 * Self.second)
    #expect(stream.note(place(5, 40), peerLast: peer) == nil)
  }

  @Test func timesThatLeapDoNotTrap() {
    var stream = stream()
    for time in [Int64.max, .min, 0, .min, .max] {
      let place = StreamPosition(
        offset: 0, packet: UInt64(bitPattern: time) | 1, time: CaptureTime(nanoseconds: time))
      _ = stream.note(place, peerLast: CaptureTime(nanoseconds: .min))
    }
    #expect(stream.summary.lastBytes != nil)
  }
}
