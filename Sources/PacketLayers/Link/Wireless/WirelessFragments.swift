import WireBytes

/// Frames of 802.11 of which the last fragment has not come. A sender sends them one behind the other, so they are
/// joined in that order only: few frames are open, and each is short.
struct WirelessFragments {
  private var open: [OpenFrame] = []

  private struct OpenFrame {
    let key: WirelessKey
    let began: CaptureTime
    var next: UInt8
    var data: [UInt8]
  }

  private static let mostFrames = 32
  /// More than a frame of 802.11 carries.
  private static let longestFrame = 16 << 10
  /// A sender gives up after half a second (dot11MaxTransmitMSDULifetime); clocks and captures are not exact.
  private static let longestWait: UInt64 = 2_000_000_000

  /// Takes one in; returns the data of the whole frame when this was the last one.
  mutating func add(_ bytes: Span<UInt8>, _ frame: WirelessData, _ time: CaptureTime) -> [UInt8]? {
    open.removeAll { time.nanoseconds(since: $0.began).magnitude > Self.longestWait }
    let index = open.firstIndex { $0.key == frame.key }
    guard frame.fragment > 0 else {
      // The first one once more begins anew.
      if let index { open.remove(at: index) }
      guard bytes.count <= Self.longestFrame else { return nil }
      if open.count == Self.mostFrames { open.removeFirst() }
      open.append(OpenFrame(key: frame.key, began: time, next: 1, data: bytes.toArray()))
      return nil
    }
    // One that came before is sent again; behind a lost one nothing can be read.
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
