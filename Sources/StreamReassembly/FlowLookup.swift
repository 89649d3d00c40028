import CPrefetch
import PacketLayers
import WireBytes

/// What finds the flow of a segment: reading ahead, another thread works it out.
public struct FlowLookup: Sendable {
  @usableFromInline var hash: UInt64
  /// The sender is the higher end of the flow's key.
  @usableFromInline var isReversed: Bool
  /// Where the flow most likely is; -1 when that is not known.
  @usableFromInline var likelySlot: Int32 = -1

  /// Of nothing.
  @inlinable
  public init() { (hash, isReversed, likelySlot) = (0, false, -1) }

  /// Of a segment, for the reassembler whose seed it is.
  @inline(__always)
  public init(_ segment: borrowing TCPSegment, seed: HashSeed) {
    self.init(
      from: segment.source, segment.sourcePort, to: segment.destination, segment.destinationPort, seed: seed)
  }

  /// Of a segment between these ends. A segment that was just written is better not loaded as a whole: processors wait
  /// for stores that are narrower than the load behind them.
  public init(
    from source: IPAddress, _ sourcePort: UInt16, to destination: IPAddress, _ destinationPort: UInt16,
    seed: HashSeed
  ) {
    let (key, reversed) = FlowKey.of(source, sourcePort, destination, destinationPort)
    (hash, isReversed) = (key.hash(seed: seed), reversed)
  }
}

/// With thousands of connections open, a packet finds neither its entry of the table, nor its flow, nor what the sink
/// keeps of it in the nearer caches, and each says only where the next one is. Of packets that were read ahead each is
/// asked for in time (docs/decisions/0004-prefetch.md). Nothing is changed by that, and a wrong guess costs nothing.
extension TCPReassembler {
  /// Asks for the entry of the table.
  @inline(__always)
  public mutating func foreseeEntry(_ lookup: borrowing FlowLookup) { table.prefetch(lookup.hash) }

  /// Asks for the flow, when the entry has come.
  @inline(__always)
  public mutating func foreseeFlow(_ lookup: inout FlowLookup) {
    let slot = table.likelySlot(lookup.hash)
    guard slot >= 0 && slot < flows.count else { return }
    lookup.likelySlot = Int32(truncatingIfNeeded: slot)
    if observesTransport { timer.prefetch(slot) }
    unsafe flows.span.withUnsafeBufferPointer {
      let flow = unsafe UnsafeRawPointer($0.baseAddress.unsafelyUnwrapped + slot)
      unsafe wstap_prefetch(flow)
      unsafe wstap_prefetch(flow + 64)
      unsafe wstap_prefetch(flow + 128)
    }
  }

  /// What the sink calls the flow, and the direction of the segment, when the flow has come.
  @inline(__always)
  public mutating func foreseeToken(_ lookup: borrowing FlowLookup) -> (
    token: UInt32, direction: FlowDirection
  )? {
    let slot = Int(lookup.likelySlot)
    guard slot >= 0, slot < flows.count, let token = flows[slot].token else { return nil }
    return (token, lookup.isReversed == flows[slot].isReversed ? .fromInitiator : .fromResponder)
  }
}
