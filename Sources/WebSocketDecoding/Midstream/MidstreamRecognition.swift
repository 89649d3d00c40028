import WireBytes

/// A WebSocket that was recognized from its frames: who is the client, and where frames begin in each direction.
package struct MidstreamRecognition: Sendable {
  /// The provisional sides were the wrong way round: who was called client is the server. Everything else here already uses
  /// the right names.
  package let swapsSides: Bool
  /// Which sides mask, client first: the client alone, unless a side breaks that rule.
  package let masked: InlineArray<2, Bool>
  /// The first frame of each side, client first; nil where none was found so far.
  package let starts: InlineArray<2, StreamPosition?>
  /// What was seen, in words.
  package let reason: String
  /// Everything that was held, for whoever reads the frames.
  package let replay: ReplayBuffer

  /// The first frame of one side; nil if none was found so far.
  package func start(of side: Side) -> StreamPosition? { starts[Int(side.rawValue)] }
}
