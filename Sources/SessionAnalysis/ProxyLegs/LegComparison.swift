import WireBytes

/// How the messages of a session compare with those of its other leg around a proxy.
public struct LegComparison: Sendable {
  /// Why two sessions are taken for legs of one.
  public enum Basis: Sendable, Equatable {
    /// They have the same Sec-WebSocket-Key.
    case key
    /// Inferred from requests that were refused: the second one came from the proxy while the first one was not answered, and asks for
    /// the same.
    case request
    /// Inferred from their messages: so many were equal, in order and in time, when that was decided, of so many that the
    /// leg with fewer had; so many other sessions would have fitted too.
    case content(equal: Int, of: Int, alternatives: Int)
  }

  /// The session that is the other leg.
  public let of: UInt64
  /// The session that ends is the client's leg.
  public let isFront: Bool
  /// How the legs were found.
  public let basis: Basis
  /// Both legs have ended; before, messages of the other may still come.
  public let isFinal: Bool
  /// Messages that both legs have.
  public let matched: UInt64
  /// Messages that were not compared: not captured whole, not inflated, or on their way when the capture ended.
  public let notCompared: UInt64
  /// Messages that only one leg has, or that differ.
  public let differenceCount: UInt64
  /// The first of them in each direction.
  public let differences: [LegDifference]
  /// Bytes of both legs that were not captured, or belong to no frame: they may be what a leg lacks.
  public let lostBytes: UInt64
  /// What the proxy adds on the way to the server, in nanoseconds.
  public let toServer: Distribution
  /// What it adds on the way to the client.
  public let toClient: Distribution
  /// What of the handshake the proxy dropped, added or changed.
  public var handshakeDifferences: [HandshakeDifference] = []
  /// How the session ended over both legs, as far as that is known; nil if nothing ended it, or there never was one.
  public var ending: LegsEnding?
  /// Who refused the upgrade; nil unless it was refused.
  public var refusal: LegsRefusal?
}

extension LegComparison {
  /// The sessions of the client's leg and of the server's, said by `session`.
  public func sessions(for session: UInt64) -> (front: UInt64, back: UInt64) {
    isFront ? (session, of) : (of, session)
  }

  /// Other sessions would have fitted as well: which one it is was decided by their order alone.
  var isAmbiguous: Bool {
    if case .content(_, _, let alternatives) = basis { alternatives > 0 } else { false }
  }

  /// Why the server refused the upgrade, if that is what the proxy made of the request; `session` is the one that ends.
  package func droppedUpgrade(in session: UInt64) -> DroppedUpgrade? {
    guard let refusal else { return nil }
    let (front, back) = sessions(for: session)
    return DroppedUpgrade(handshakeDifferences, front: front, back: back, answer: refusal.back.status)
  }

  /// What is reported when the legs differ, once both have ended and neither a loss nor the wrong leg explains it.
  package func anomaly(in session: UInt64, at position: StreamPosition) -> Anomaly? {
    guard isFinal, lostBytes == 0, !isAmbiguous, let first = differences.first else { return nil }
    let (front, back) = sessions(for: session)
    // Where the first one is; the end of the session lists the others.
    let places = [(front, first.front), (back, first.back)].compactMap { session, message in
      message.map { "packet \($0.packet) of #\(session)" }
    }
    let messages =
      differenceCount == 1 ? "1 message differs:" : "\(differenceCount) messages differ: the first"
    return Anomaly(
      SessionRule.legsDiffer, by: nil, at: position,
      "\(messages) from the \(first.side.name), \(places.joined(separator: ", "))")
  }
}
