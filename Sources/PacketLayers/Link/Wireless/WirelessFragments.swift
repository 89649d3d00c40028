import WireBytes

/// 802.11 frames whose last fragment has not come yet. A sender sends the fragments of a frame one after the other, so
/// they are joined in that order only: few frames are open at a time, and each is short.
struct WirelessFragments {
  private var open: [OpenFrame] = []

  private struct OpenFrame {
    let key: WirelessKey
    let began: CaptureTime
    var next: UInt8
    var data: [UInt8]
  }

  private static let mostFrames = 32
  /// More than an 802.11 frame can carry.
  private static let longestFrame = 16 << 10
  /// A sender gives up after half a second (dot11MaxTransmitMSDULifetime); the rest is a margin for inexact clocks.
  private static let longestWait: UInt64 = 2_000_000_000

  /// Adds a fragment with its bytes; returns the data of the whole frame when this was the last one.
  mutating func add(_ bytes: Span<UInt8>, _ frame: WirelessFrame, _ time: CaptureTime) -> [UInt8]? {
    open.removeAll { time.nanoseconds(since: $0.began).magnitude > Self.longestWait }
    let index = open.firstIndex { $0.key == frame.key }
    guard frame.fragment > 0 else {
      // When the first fragment comes again, the frame starts over.
      if let index { open.remove(at: index) }
      guard bytes.count <= Self.longestFrame else { return nil }
      if open.count == Self.mostFrames { open.removeFirst() }
      open.append(OpenFrame(key: frame.key, began: time, next: 1, data: bytes.toArray()))
      return nil
    }
    // A fragment that came before is a retransmission; after a lost one the frame cannot be joined.
    guard let index, open[index].next == frame.fragment else { return nil }
    guard open[index].data.count + bytes.count <= Self.longestFrame else {
      open.remove(at: index)
      return nil
    }
    for place in bytes.indices { open[index].data.append(bytes[place]) }
    open[index].next += 1
    return frame.hasMore ? nil : open.remove(at: index).data
  }
}
