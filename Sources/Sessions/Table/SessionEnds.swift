import SessionAnalysis

/// What a record knows of a session that begins to end.
final class SessionEnds {
  /// The first Close frame of each side.
  var clientClose: CloseFrame?
  var serverClose: CloseFrame?
  /// By side, its pings that no pong had answered when it sent its Close or the first FIN.
  var clientPingsAtEnd: OpenPings?
  var serverPingsAtEnd: OpenPings?
  var hasFin = false
}
