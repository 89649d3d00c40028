import WireBytes

/// Where a decoder puts what it finds during one call: the shared context, and whose bytes these are.
///
/// A value that is made for each call, so that no event depends on which decoder ran last.
public struct WebSocketOutput {
  let context: DecodingContext
  /// Whose bytes these are.
  let session: SessionIndex
  /// What their sender knew of its peer when it sent them.
  let peer: PeerState

  /// An output for bytes of `session`.
  @inline(__always)
  public init(_ context: DecodingContext, session: SessionIndex, peer: PeerState = .unknown) {
    (self.context, self.session, self.peer) = (context, session, peer)
  }

  /// An output with a context of its own, for one session.
  public init(options: DecodingOptions, sink: any WebSocketSink) {
    self.init(DecodingContext(options: options, sink: sink), session: SessionIndex(0))
  }

  /// The same for bytes that were sent when their sender knew this of its peer.
  func with(_ peer: PeerState) -> WebSocketOutput {
    WebSocketOutput(context, session: session, peer: peer)
  }

  /// What to decode and how far.
  public var options: DecodingOptions { @inline(__always) get { context.options } }

  var sink: any WebSocketSink { @inline(__always) get { context.sink } }
}
