import SessionAnalysis
import WebSocketDecoding
import WireBytes

/// Sessions whose handshake names a draft with frames of its own.
extension Dispatcher {
  /// Bytes of such a session: unexplained, unless they turn out to be frames of RFC 6455.
  @inline(never)
  func readDraft(
    _ bytes: Span<UInt8>, _ known: DeliveryContext, stream index: Int, isFirst: Bool, _ slot: Int
  ) {
    let side: Side = index & 1 == 0 ? .client : .server
    guard streams[index].takeLookForFrames(), WholeFrames.fill(bytes, from: side) else {
      return streams[index].decoder.passOver(UInt64(bytes.count), into: output(index, entries[slot]))
    }
    sessions.report(
      Anomaly(
        SessionRule.framesOfRFC6455, by: side, at: known.position,
        "the handshake names a draft, and the \(side.name) sends frames of RFC 6455"),
      in: streams[index].session)
    if !isFirst { streams[index].decoder.startInTheMiddle() }
    streams[index].beginFrames()
    let peer = index ^ 1
    streams[peer].beginFrames()
    // Where the peer's next frame begins is known only if it has not sent anything.
    if streams[peer].last.packet > 0 { startOutOfStep(peer, slot) }
    decode(bytes, known, .none, stream: index, slot, entries[slot])
  }
}
