import TCPReassembly
import WireBytes

/// The causes that heartbeats are.
extension CauseSearch {
  private static let shortestPingTimeout: Int64 = 500_000_000
  /// A side that lets so many beats go without an answer, or for so long, in nanoseconds, tolerates that.
  private static let manyTolerated = 5
  private static let longTolerated: Int64 = 60_000_000_000

  /// The ender's pings that were open when it ended the session.
  private var openAtEnd: OpenPings { facts.openPingsAtEnd(of: ender) }

  /// Nobody answered the ender's pings.
  var pings: Cause? {
    let open = openAtEnd
    guard let oldest = open.first, open.count > 0 else { return nil }
    let waited = time.nanoseconds(since: oldest.time)
    // What is missing in the capture may be the answer.
    guard waited >= Self.shortestPingTimeout, mayBeTimeout, known.finish[ender.peer].isWhole,
      !wereTolerated(open, since: oldest.time), open.count == 1 || wentOnPinging
    else { return nil }
    return .unansweredPings(open.count, .ping, by: ender, waited: waited)
  }

  /// The ender's pings were answered, each with another payload; the code or the reason of its Close says that this is why.
  var wrongPongs: Cause? {
    let open = openAtEnd
    guard open.count == 0, (1...Self.manyTolerated).contains(open.mistaken), close != nil,
      mayBeTimeout || close?.code == 1002, wentOnPinging
    else { return nil }
    let wrong = facts.violations(of: ender.peer).last {
      $0.rule == SessionRule.pongPayloadDiffers && time.nanoseconds(since: $0.position.time) >= 0
    }
    return wrong.map { .violation($0.rule, by: ender.peer, packet: $0.packet) }
  }

  private var pingBeat: Heartbeat? { facts.heartbeats.first { $0.kind == .ping && $0.side == ender } }

  /// Whoever had not pinged for more than two intervals did not end the session because of pings.
  private var wentOnPinging: Bool {
    guard let beat = pingBeat, let last = beat.last, beat.intervals.count > 0 else { return true }
    return time.nanoseconds(since: last.time) <= beat.intervals.maximum.multipliedReportingOverflow(by: 2)
      .partialValue &+ Self.worthMentioning
  }

  /// The ender had pinged on and on without an answer: none ever came, or the other side was there all the time.
  private func wereTolerated(_ open: OpenPings, since oldest: CaptureTime) -> Bool {
    guard open.count > Self.manyTolerated, time.nanoseconds(since: oldest) > Self.longTolerated else {
      return false
    }
    let wasThere = lastByte(of: ender.peer).map { $0.nanoseconds(since: oldest) > Self.worthMentioning }
    return pingBeat?.answered == 0 || wasThere ?? false
  }

  /// The same for heartbeats of an application. Their libraries close with 1000 or without a code, too.
  var heartbeats: Cause? {
    guard close?.code == nil || close?.code == 1000 || mayBeTimeout, known.finish[ender.peer].isWhole else {
      return nil
    }
    for beat in facts.heartbeats where beat.side == ender && !beat.kind.isFrame {
      // Of a text that looks like a question that shows only when it was answered before.
      guard beat.kind != .text || (beat.answered ?? 0) > 0, let open = beat.open(at: time) else { continue }
      // What came meanwhile may be an answer, where these vary, or where none was recognised before.
      if beat.answersVary || beat.answered == 0, let theirs = lastByte(of: ender.peer), theirs > open.first,
        theirs < time
      {
        continue
      }
      let waited = time.nanoseconds(since: open.first)
      if waited >= Self.worthMentioning {
        return .unansweredPings(open.count, beat.kind, by: ender, waited: waited)
      }
    }
    return nil
  }

  /// A heartbeat of the other side that had come regularly came no more, nor anything else from there.
  var stoppedHeartbeat: Cause? {
    // A client says 1001 when its page is left; scripts cannot.
    guard let last = lastByte(of: ender.peer), known.finish[ender.peer].isWhole,
      close?.code != 1001 || ender == .server
    else { return nil }
    for beat in facts.heartbeats where beat.side == ender.peer && beat.isRegular {
      guard let lastBeat = beat.last, lastBeat.time <= time else { continue }
      let since = time.nanoseconds(since: lastBeat.time)
      let sinceBytes = min(since, time.nanoseconds(since: last))
      guard sinceBytes >= max(beat.stopsAfter, Self.worthMentioning), sinceBytes > beat.intervals.maximum
      else {
        continue
      }
      let wentOn = since &- sinceBytes
      // Some ping only a side that has been silent for an interval. A pong comes sooner.
      if beat.kind == .ping, let own = lastByte(of: ender),
        own.nanoseconds(since: lastBeat.time) > beat.intervals.average / 2
      {
        continue
      }
      // It had stopped before the other side did, and nobody minded.
      if wentOn > beat.intervals.maximum, !beat.isLeftOutBesideData { continue }
      return .heartbeatStopped(
        beat.kind, by: beat.side, interval: beat.intervals.average, since: sinceBytes,
        isOfBytes: wentOn > 0)
    }
    return nil
  }
}
