import SessionAnalysis
import TCPReassembly
import WireBytes

/// What TCP did, as `tcp` in messages and at the end of sessions.
enum TransportJSON {
  /// `"tcp":{…}` of a message.
  static func write(_ found: MessageTransport, to json: inout JSONWriter) {
    json.beginObject("tcp")
    json.number("stream_offset", found.streamOffset)
    json.number("first_packet", found.firstPacket)
    json.number("last_packet", found.lastPacket)
    json.seconds("duration", found.duration)
    json.number("retransmitted_bytes", found.retransmittedBytes)
    json.number("late_bytes", found.lateBytes)
    if found.presumedRetransmittedBytes > 0 {
      json.number("presumed_retransmitted_bytes", found.presumedRetransmittedBytes)
    }
    json.seconds("waited", found.waited)
    json.bool("zero_window", found.zeroWindow)
    if found.zeroWindowTime > 0 { json.seconds("zero_window_time", found.zeroWindowTime) }
    json.endObject()
  }

  /// `"tcp":{"client":{…},"server":{…}}` of a session.
  static func write(_ transport: SessionTransport, to json: inout JSONWriter) {
    json.beginObject("tcp")
    write(transport.summary(of: .client), "client", to: &json)
    write(transport.summary(of: .server), "server", to: &json)
    json.endObject()
  }

  private static func write(
    _ summary: TransportSummary, _ key: StaticString, to json: inout JSONWriter
  ) {
    json.beginObject(key)
    json.beginObject("rtt")
    json.seconds("handshake", summary.ending?.handshakeRoundTrip)
    let times = summary.ending?.roundTrips
    json.number("samples", times?.count ?? 0)
    if let times, times.count > 0 {
      json.seconds("min", times.minimum)
      json.seconds("median", times.median)
      json.seconds("p95", times.percentile95)
      json.seconds("max", times.maximum)
    }
    json.endObject()
    json.number("retransmissions", summary.retransmissions)
    json.number("retransmitted_bytes", summary.retransmittedBytes)
    if summary.spuriousBytes > 0 { json.number("spurious_bytes", summary.spuriousBytes) }
    json.number("late_bytes", summary.lateBytes)
    json.seconds("longest_wait", summary.longestWait)
    json.number("zero_windows", summary.zeroWindows)
    if summary.zeroWindowTime > 0 { json.seconds("zero_window_time", summary.zeroWindowTime) }
    if summary.keepAlives > 0 { json.number("keep_alives", summary.keepAlives) }
    if summary.capturedTwice > 0 { json.number("captured_twice", summary.capturedTwice) }
    if let left = summary.ending?.unconfirmed {
      json.number("unacknowledged_bytes", left.bytes)
      json.number("unacknowledged_retransmissions", left.repetitions)
    }
    json.endObject()
  }
}
