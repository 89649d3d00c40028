import WireBytes

/// The packets of an A-MSDU that are still to be decoded (IEEE 802.11 §9.3.2.2.2).
/// ```
/// +----------------+----------+----------+--------+------------------------------+
/// | destination  6 | source 6 | length 2 | LLC …  | padding to a multiple of 4 … |   for each packet
/// +----------------+----------+----------+--------+------------------------------+
/// ```
struct WirelessAggregate {
  /// Nil when there is nothing left.
  private var rest: Extent?

  /// No packets.
  init() { rest = nil }

  /// All packets of a frame.
  init(_ frame: WirelessFrame) { rest = frame.body }

  /// One packet of an aggregate.
  enum Subframe {
    case packet(NetworkProtocol, Extent)
    /// The capture ends within the header of a packet.
    case truncated
  }

  /// Takes the next packet; nil when there are no more.
  mutating func next(in packet: Span<UInt8>) -> Subframe? {
    guard var rest else { return nil }
    let start = rest.start
    guard rest.skip(14) else {
      self.rest = nil
      // A check sequence, or what the snap length left.
      return rest.isWhole ? nil : .truncated
    }
    let length = Int(packet.uint16(at: start + 12))
    var extent = rest
    extent.limit(to: length)
    let padding = -(14 + length) & 3
    self.rest = rest.skip(length + padding) ? rest : nil
    return .packet(networkAfterLLC(packet, &extent), extent)
  }
}
