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
