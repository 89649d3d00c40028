/// How a connection came to its end.
public enum ConnectionEnd: Sendable {
  /// Both sides sent a FIN.
  case fin
  /// A RST was sent.
  case rst
  /// A SYN began a new connection between the same ends; the end of this one is not in the capture.
  case replaced
  /// The capture ended first.
  case captureEnd
  /// It was idle for `ReassemblyLimits.idleTime`, or the limit on connections was reached.
  case gaveUp
}
