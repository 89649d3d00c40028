import HTTP1
import WireBytes

/// What the opening of a session shows together with the sessions before it.
package struct CrossSessionFindings {
  let request: HTTPHead
  /// The session of the same client that had the same Sec-WebSocket-Key.
  let sameKey: UInt64?
  /// How many reconnects came within how many nanoseconds, when this one makes them a storm.
  let storm: (count: Int, time: Int64)?

  /// What is known of a session whose request was captured.
  package init(request: HTTPHead, sameKey: UInt64?, storm: (count: Int, time: Int64)?) {
    (self.request, self.sameKey, self.storm) = (request, sameKey, storm)
  }

  /// The findings, in the order in which they are reported.
  package var anomalies: [Anomaly] {
    var found: [Anomaly] = []
    if let sameKey {
      found.append(
        Anomaly(
          SessionRule.repeatedKey, by: .client, at: request.start,
          "Sec-WebSocket-Key is that of session \(sameKey), too"))
    }
    if let storm {
      found.append(
        Anomaly(
          SessionRule.reconnectStorm, by: .client, at: request.start,
          "\(storm.count) reconnects within \(DurationText.seconds(storm.time))"))
    }
    return found
  }
}
