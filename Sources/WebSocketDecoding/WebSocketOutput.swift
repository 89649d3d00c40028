import WireBytes

/// Where a decoder puts what it finds during one call: the shared context, and whose bytes these are.
///
/// A value that is made for each call, so that no event depends on which decoder ran last. It must not outlive its context:
/// one is made for each segment, and counting references would cost as much as reading a short frame.
@safe public struct WebSocketOutput {
  private let uncountedContext: Unmanaged<DecodingContext>
  /// Whose bytes these are.
  let session: SessionIndex
  /// What their sender knew of its peer when it sent them.
  let peer: PeerState
  /// The stream offset of the first byte of the packet that a call's bytes are from; `unknownStart` when that is not known.
  let packetStart: UInt64
  /// The last byte of a call is the last one of its packet. False when that is not known.
  let endsPacket: Bool
  private static var unknownStart: UInt64 { .max }

  /// An output for bytes of `session`. `packetStart`: the stream offset of the first byte of their packet, where that is known;
  /// `endsPacket`: a call brings them to their end. Unsafe: the caller keeps `context` alive as long as the output is in use.
  @inline(__always)
  @unsafe public init(
    uncounted context: DecodingContext, session: SessionIndex, peer: PeerState = .unknown,
    packetStart: UInt64? = nil, endsPacket: Bool = true
  ) {
    unsafe self.init(
      .passUnretained(context), session, peer, packetStart ?? Self.unknownStart,
      endsPacket: endsPacket && packetStart != nil)
  }

  @inline(__always)
  private init(
    _ context: Unmanaged<DecodingContext>, _ session: SessionIndex, _ peer: PeerState, _ packetStart: UInt64,
    endsPacket: Bool
  ) {
    unsafe uncountedContext = context
    (self.session, self.peer, self.packetStart, self.endsPacket) = (session, peer, packetStart, endsPacket)
  }

  /// It is known where packets begin.
  var knowsPackets: Bool { packetStart != Self.unknownStart }

  /// The same for bytes that were sent when their sender knew this of its peer. `packetStart` counts if it is known where packets
  /// begin; `endsPacket` if that is known of this output.
  func with(_ peer: PeerState, packetStart: UInt64, endsPacket: Bool) -> WebSocketOutput {
    unsafe WebSocketOutput(
      uncountedContext, session, peer, knowsPackets ? packetStart : Self.unknownStart,
      endsPacket: endsPacket && knowsPackets)
  }

  /// The same for bytes that were held. `endsPacket`: the last of all that were held is the last one of its packet.
  func with(_ held: FrameSearch.Held, endsPacket: Bool) -> WebSocketOutput {
    with(held.peer, packetStart: held.packetStart, endsPacket: endsPacket || !held.isLast)
  }

  var context: DecodingContext {
    @inline(__always) get { unsafe uncountedContext._withUnsafeGuaranteedRef { $0 } }
  }

  /// What to decode and how far.
  public var options: DecodingOptions {
    @inline(__always) get { unsafe uncountedContext._withUnsafeGuaranteedRef { $0.options } }
  }

  // MARK: What was found

  /// A message ended.
  @inline(__always)
  func message(_ message: Message, missing: [MissingRange], payload: Span<UInt8>) {
    unsafe uncountedContext._withUnsafeGuaranteedRef {
      guard $0.options.reportsMessages else { return }
      $0.sink.message(message, in: session, missing: missing, payload: payload)
    }
  }

  /// A message ended whose payload has memory of its own.
  func message(_ message: Message, missing: [MissingRange], buffer payload: inout PayloadBuffer) {
    guard options.reportsMessages else { return }
    unsafe uncountedContext._withUnsafeGuaranteedRef {
      $0.sink.message(message, in: session, missing: missing, buffer: &payload)
    }
  }

  /// A Close, Ping or Pong ended.
  func control(_ frame: ControlFrame, payload: Span<UInt8>) {
    unsafe uncountedContext._withUnsafeGuaranteedRef {
      $0.sink.control(frame, in: session, peer: peer, payload: payload)
    }
  }

  /// A frame ended; only with `DecodingOptions.reportsFrames`.
  func frame(_ frame: Frame, payload: Span<UInt8>) {
    unsafe uncountedContext._withUnsafeGuaranteedRef { $0.sink.frame(frame, in: session, payload: payload) }
  }

  /// A rule was broken, or something happened that is worth knowing.
  func anomaly(_ anomaly: Anomaly) {
    unsafe uncountedContext._withUnsafeGuaranteedRef { $0.sink.anomaly(anomaly, in: session, peer: peer) }
  }
}
