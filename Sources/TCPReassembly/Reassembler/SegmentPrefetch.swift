import CPrefetch
import PacketLayers
import WireBytes

/// Reassembles segments that were read ahead, and prefetches what they will touch.
///
/// With thousands of connections open, a packet finds neither its entry of the table, nor its connection, nor what the sink
/// keeps of that in the nearer caches, and each of them says only where the next one is. For segments that were read ahead,
/// each is prefetched in time (docs/decisions/0004-prefetch.md). That changes nothing, and a wrong guess costs nothing.
extension TCPReassembler {
  /// Takes segments that were read ahead, with the seed of this reassembler.
  public mutating func receive(_ queue: borrowing SegmentQueue, into sink: any ReassemblySink) {
    for index in 0..<queue.count {
      prefetch(queue, from: index, sink)
      let queued = unsafe queue.segments + index
      unsafe take(
        &queued.pointee.segment, queued.pointee.lookup, payload: queue.payload(of: queued),
        mark: queued.pointee.mark, packet: queued.pointee.number, time: queued.pointee.time, into: sink)
    }
  }

  /// Prefetches what segments that follow the one at `index` will touch.
  @inline(__always)
  private mutating func prefetch(
    _ queue: borrowing SegmentQueue, from index: Int, _ sink: any ReassemblySink
  ) {
    guard index >= 0 && index &+ 20 < queue.count else { return }
    let queued = unsafe queue.segments + index
    // These lines are in the cache of the processor that wrote them.
    let later = unsafe UnsafeRawPointer(queued + 20)
    unsafe wstap_prefetch(later)
    unsafe wstap_prefetch(later + 64)
    queue.prefetchPayload(unsafe queued[6].payload, isWanted: unsafe queued[6].mark == .none)
    table.prefetch(unsafe queued[14].lookup.hash)
    unsafe prefetchFlow(&(queued + 9).pointee.lookup)
    prefetchSession(unsafe queued[5].lookup, sink)
  }

  /// Prefetches the connection, now that its entry is here.
  @inline(__always)
  private mutating func prefetchFlow(_ lookup: inout FlowLookup) {
    let slot = table.likelySlot(lookup.hash)
    guard slot >= 0 && slot < flows.count else { return }
    lookup.likelySlot = Int32(truncatingIfNeeded: slot)
    if shared.observesTransport { timer.prefetch(slot) }
    unsafe flows.span.withUnsafeBufferPointer {
      let flow = unsafe UnsafeRawPointer($0.baseAddress.unsafelyUnwrapped + slot)
      unsafe wstap_prefetch(flow)
      unsafe wstap_prefetch(flow + 64)
      unsafe wstap_prefetch(flow + 128)
    }
  }

  /// Lets the sink prefetch what it keeps of the connection, now that the connection is here.
  @inline(__always)
  private mutating func prefetchSession(_ lookup: FlowLookup, _ sink: any ReassemblySink) {
    let slot = Int(lookup.likelySlot)
    guard slot >= 0, slot < flows.count, let token = flows[slot].token else { return }
    sink.prefetch(lookup.isReversed == flows[slot].isReversed ? .fromInitiator : .fromResponder, token)
  }
}
