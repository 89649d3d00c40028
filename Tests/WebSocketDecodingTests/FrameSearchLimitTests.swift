import Testing
import WireBytes

@testable import WebSocketDecoding

@Suite("Limits of the search for frames, at the limit and one beyond")
struct FrameSearchLimitTests {
  /// No frame begins with such bytes.
  private func search(_ packets: [Int]) -> FrameSearch {
    let search = FrameSearch(side: .client, allowsCompression: true)
    var offset: UInt64 = 0
    for (number, count) in packets.enumerated() {
      let bytes = [UInt8](repeating: 0x30, count: count)
      let position = StreamPosition(
        offset: offset, packet: UInt64(number + 1), time: CaptureTime(nanoseconds: 0))
      let (taken, found) = search.receive(bytes.span, at: position)
      #expect(taken == count && found == nil)
      offset += UInt64(count)
    }
    return search
  }

  private static let limit = FrameSearch.heldLimit

  @Test(
    "Bytes that are held; at the limit the older half is given up",
    arguments: [
      (limit - 1, 0), (limit, limit / 2), (limit + 1, limit / 2), (limit * 3 / 2 - 1, limit / 2),
      (limit * 3 / 2, limit),
    ])
  func bytes(sent: Int, givenUp: Int) {
    let search = search([sent])
    #expect(search.takeGivenUp() == UInt64(givenUp))
    #expect(search.takeGivenUp() == 0)
    // What it costs is what it holds, and a little for itself.
    #expect(search.cost == sent - givenUp + 1024)
    #expect(search.endOfPackets() == nil)
    #expect(search.takeGivenUp() == UInt64(sent - givenUp))
  }

  @Test(
    "Packets that are held; before one more the older half of the bytes is given up",
    arguments: [(8191, 0), (8192, 0), (8193, 4096), (8193 + 4095, 4096), (8193 + 4096, 8192)])
  func packets(sent: Int, givenUp: UInt64) {
    #expect(search([Int](repeating: 1, count: sent)).takeGivenUp() == givenUp)
  }

  @Test(
    "Where nobody knows who sends, eight KiB are held", arguments: [(8191, 8191), (8192, 4096), (8193, 4097)])
  func unknownSide(sent: Int, held: Int) {
    let search = FrameSearch(ofUnknownSide: ())
    let bytes = [UInt8](repeating: 0x30, count: sent)
    let position = StreamPosition(offset: 0, packet: 1, time: CaptureTime(nanoseconds: 0))
    _ = search.receive(bytes.span, at: position)
    #expect(search.cost == held + 1024)
  }

  @Test("Every place that may begin a frame is tried once, and no other") func places() {
    let bytes: [UInt8] = [0x30, 0x81, 0x85, 1, 2, 3, 4, 0x30, 0x30, 0x30, 0x81, 0x30, 0x30]
    let search = FrameSearch(side: .client, allowsCompression: true)
    let position = StreamPosition(offset: 0, packet: 1, time: CaptureTime(nanoseconds: 0))
    _ = search.receive(bytes.span, at: position)
    #expect(search.placesTried == 1)
  }
}
