import PacketLayers
import WireBytes

/// What finds the flow of a segment. The thread that reads ahead works it out.
@usableFromInline
struct FlowLookup {
  @usableFromInline var hash: UInt64
  /// The sender is the higher end of the flow's key.
  @usableFromInline var isReversed: Bool
  /// The slot that the flow is most likely in; -1 when unknown.
  @usableFromInline var likelySlot: Int32 = -1

  /// The lookup of a segment, for the reassembler that has this seed.
  @inline(__always)
  init(_ segment: borrowing TCPSegment, seed: HashSeed) {
    self.init(
      from: segment.source, segment.sourcePort, to: segment.destination, segment.destinationPort, seed: seed)
  }

  /// The lookup of a segment between these ends. A segment that was just written is better not loaded as a whole:
  /// processors stall when a load covers several narrower stores before it.
  @inline(__always)
  init(
    from source: IPAddress, _ sourcePort: UInt16, to destination: IPAddress, _ destinationPort: UInt16,
    seed: HashSeed
  ) {
    let (key, reversed) = FlowKey.of(source, sourcePort, destination, destinationPort)
    (hash, isReversed) = (key.hash(seed: seed), reversed)
  }
}
