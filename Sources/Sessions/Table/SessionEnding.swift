import SessionAnalysis
import TCPReassembly
import WireBytes

/// What is known of a session by itself when it ends; `SessionMerge` adds what other sessions show.
struct SessionEnding {
  let outcome: HandshakeOutcome
  /// Where the session began.
  let opened: StreamPosition
  var verdict: Verdict
  /// What the verdict rests on.
  let evidence: SessionEvidence
  let heartbeats: [Heartbeat]
  let translations: [ConnectionInfo]
  let refusalBody: RefusalBody?

  var finish: SessionFinish {
    @inline(__always) _read { yield evidence.finish }
  }
}

extension SessionClose {
  init(_ session: SessionReference, _ ending: SessionEnding, legs: [LegComparison]) {
    let (client, server) = (ending.finish.client, ending.finish.server)
    self.init(
      session: session, position: ending.finish.position,
      duration: ending.finish.position.time.nanoseconds(since: ending.opened.time), verdict: ending.verdict,
      client: client.counts, server: server.counts, clientCompression: client.compression,
      serverCompression: server.compression, clientLast: client.lastBytes, serverLast: server.lastBytes,
      transport: ending.finish.transport, heartbeats: ending.heartbeats, legs: legs,
      refusalBody: ending.refusalBody, translations: ending.translations,
      suppressed: ending.finish.suppressed, outcome: ending.outcome)
  }
}
