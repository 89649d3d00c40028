import PacketLayers
import WireBytes

/// What finds the flow of a segment: reading ahead, another thread works it out.
@usableFromInline
struct FlowLookup {
  @usableFromInline var hash: UInt64
  /// The sender is the higher end of the flow's key.
  @usableFromInline var isReversed: Bool
  /// Where the flow most likely is; -1 when that is not known.
  @usableFromInline var likelySlot: Int32 = -1

  /// Of a segment, for the reassembler whose seed it is.
  @inline(__always)
  init(_ segment: borrowing TCPSegment, seed: HashSeed) {
    self.init(
      from: segment.source, segment.sourcePort, to: segment.destination, segment.destinationPort, seed: seed)
  }

  /// Of a segment between these ends. A segment that was just written is better not loaded as a whole: processors wait
  /// for stores that are narrower than the load behind them.
  @inline(__always)
  init(
    from source: IPAddress, _ sourcePort: UInt16, to destination: IPAddress, _ destinationPort: UInt16,
    seed: HashSeed
  ) {
    let (key, reversed) = FlowKey.of(source, sourcePort, destination, destinationPort)
    (hash, isReversed) = (key.hash(seed: seed), reversed)
  }
}
