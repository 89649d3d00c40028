import WireBytes

/// A side whose receive window was zero when its connection ended: its program did not read, though its TCP was there.
struct SlowReader {
  /// For how long, in nanoseconds.
  let time: Int64
  /// The packet that announced it first.
  let packet: UInt64

  /// A window that closes for less than this, in nanoseconds, is one that opens again.
  private static let shortest: Int64 = 1_000_000_000
  /// Probes of a closed window come at intervals that double: whoever answered the last one was still there after a third of the time.
  private static let partWithAnswers: Int64 = 3

  /// Nil if the window was open, had just closed, or if the side did not answer any more.
  init?(_ finish: SessionFinish, _ side: Side) {
    guard let window = finish.transport?.closedWindow(for: side.peer), window.time >= Self.shortest,
      window.confirmed >= window.time / Self.partWithAnswers
    else { return nil }
    (time, packet) = (window.time, window.packet)
  }
}
