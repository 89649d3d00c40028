import WireBytes

/// How the end of a body is determined, RFC 9112 §6.3.
enum Framing {
  case none
  case length(UInt64)
  case chunked
  case untilClose
  indirect case broken(Anomaly)
}
