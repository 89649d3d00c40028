/// What the first bytes of both sides are, as far as one protocol can tell.
enum PreambleParse {
  /// More bytes are needed to tell.
  case more
  /// A whole preamble, and how many bytes of each side belong to it. The client's may not all be there yet.
  case read(Preamble, clientBytes: Int, serverBytes: Int)
  /// The server refuses to connect.
  case refused(Preamble)
  /// It is not this protocol, or a part of it that is not supported.
  case other
}
