import WireBytes

extension PacketDecoder {
  /// A frame of 802.11 that is a fragment or an aggregate.
  mutating func decodeWireless(
    _ packet: Span<UInt8>, _ extent: Extent, isPadded: Bool, _ time: CaptureTime,
    _ segment: inout TCPSegment
  ) -> PacketOutcome {
    guard let frame = try? WirelessData(packet, extent, isPadded: isPadded) else { return .notTCP }
    if frame.isFragment {
      // Aggregates are not cut (IEEE 802.11 §10.4).
      return frame.isAggregate ? .notTCP : joinWireless(packet, frame, time, &segment)
    }
    aggregate = frame.body
    return .several
  }

  /// Decodes the next of several packets in one, after `decode` said so; nil when there is none any more. The
  /// arguments are those of `decode`.
  ///
  /// IEEE 802.11 §9.3.2.2.2:
  /// ```
  /// +----------------+----------+----------+--------+---------------------------+
  /// | destination  6 | source 6 | length 2 | LLC …  | up to a multiple of 4 …   |   as often as there are packets
  /// +----------------+----------+----------+--------+---------------------------+
  /// ```
  public mutating func decodeNext(
    _ packet: Span<UInt8>, time: CaptureTime, into segment: inout TCPSegment
  ) -> PacketOutcome? {
    guard var rest = aggregate else { return nil }
    let start = rest.start
    guard rest.skip(14) else {
      // A check sequence, or what the snap length left.
      aggregate = nil
      return rest.isWhole ? nil : .undecodable(.truncatedLinkHeader)
    }
    let length = Int(packet.uint16(at: start + 12))
    var extent = rest
    extent.limit(to: length)
    let padding = -(14 + length) & 3
    aggregate = rest.skip(length + padding) ? rest : nil
    let network = networkBehindLLC(packet, &extent)
    return decodeUnusual(network, packet, extent, time, &segment)
  }
}

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
