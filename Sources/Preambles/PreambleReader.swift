import WireBytes

/// Reads what may come before the protocol on a connection: a header of the PROXY protocol, or the negotiation of SOCKS.
///
/// It is made for a client's first bytes (`mayBegin`), and holds everything until it is known what they are. Then it hands over
/// what does not belong to the preamble, in capture order. It is not used after that.
package final class PreambleReader {
  /// What a call comes to.
  package enum Step {
    /// Not known yet.
    case taken
    /// It is known.
    case ended(End)
  }

  /// What the bytes were.
  package enum Outcome {
    /// A preamble, and another protocol follows.
    case read(Preamble)
    /// A preamble, and the server refused: nothing follows.
    case refused(Preamble)
    /// Something else. `start`: the client's bytes so far, or the first of them.
    case other(start: [UInt8])
  }

  /// How it ended.
  package struct End {
    /// What the bytes were.
    package let outcome: Outcome
    /// What follows the preamble, or everything if there is none.
    package let replay: ReplayBuffer
  }

  /// Bytes of a side that are looked at: no preamble has more that matter.
  static let examinedLimit = 1100
  /// Bytes of memory that may wait for the rest of a preamble.
  static let heldLimit = 64 << 10

  /// The first bytes of each side, client first.
  private var client: [UInt8] = []
  private var server: [UInt8] = []
  private var held = ReplayBuffer()
  /// A preamble of which so many of the client's bytes are still to come.
  private var unfinished: (preamble: Preamble, bytes: Int)?

  /// A reader before the first byte.
  package init() {}

  /// Bytes of memory that it takes, roughly.
  package var cost: Int { held.cost + client.count + server.count }

  /// Whether a client's first bytes can begin a preamble.
  package static func mayBegin(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count > 0 else { return false }
    switch bytes[0] {
    case ProxyHeader1.start[0]: return ProxyHeader1.mayBegin(bytes)
    case ProxyHeader2.signature[0]: return ProxyHeader2.mayBegin(bytes)
    case SOCKS4.version: return SOCKS4.mayBegin(bytes)
    case SOCKS5.version: return SOCKS5.mayBegin(bytes)
    default: return false
    }
  }

  /// Whether bytes begin a header of the PROXY protocol for certain, whoever sends them.
  package static func beginsProxyHeader(_ bytes: Span<UInt8>) -> Bool {
    bytes.count > ProxyHeader2.signature.count
      && (ProxyHeader1.mayBegin(bytes) || ProxyHeader2.mayBegin(bytes))
  }

  /// Takes the next bytes of a side. `peerAcknowledged` stays with those that are handed over.
  package func receive(
    _ bytes: Span<UInt8>, from side: Side, at position: StreamPosition, peerAcknowledged: UInt64? = nil
  ) -> Step {
    var (bytes, position) = (bytes, position)
    if side == .client, let (preamble, count) = unfinished {
      let here = min(count, bytes.count)
      unfinished = (preamble, count - here)
      (bytes, position) = (bytes.dropping(here), position.advanced(by: here))
    }
    if !bytes.isEmpty {
      hold(.bytes(bytes.toArray()), side, position, peerAcknowledged)
      if side == .client { examine(bytes, &client) } else { examine(bytes, &server) }
    }
    return conclude()
  }

  /// The next `count` bytes of a side are not in the capture: what a preamble says is not known.
  package func skip(_ count: UInt64, from side: Side, at position: StreamPosition) -> Step {
    hold(.gap(count), side, position, nil)
    return giveUp()
  }

  /// A side's stream ends.
  package func finish(_ side: Side, at position: StreamPosition) -> Step {
    hold(.end, side, position, nil)
    return giveUp()
  }

  // MARK: Holding

  private func hold(
    _ content: ReplayBuffer.Piece.Content, _ side: Side, _ position: StreamPosition,
    _ peerAcknowledged: UInt64?
  ) {
    held.append(
      ReplayBuffer.Piece(
        side: side, position: position, peerAcknowledged: peerAcknowledged, content: content))
  }

  private func examine(_ bytes: Span<UInt8>, _ start: inout [UInt8]) {
    let room = Self.examinedLimit - start.count
    for index in 0..<max(0, min(room, bytes.count)) { start.append(bytes[index]) }
  }

  /// Drops bytes that belong to the preamble; returns how many of them are still to come.
  private func drop(_ count: Int, of side: Side) -> Int {
    var left = count
    while left > 0, let piece = held.popFirst(where: { $0 == side }) {
      guard let bytes = piece.bytes else { continue }
      if bytes.count > left { held.putBack(piece.dropping(left)) }
      left -= min(left, bytes.count)
    }
    return left
  }

  // MARK: Deciding

  private func conclude() -> Step {
    if unfinished == nil {
      switch parse() {
      case .more: break
      case .read(let preamble, let clientBytes, let serverBytes):
        _ = drop(serverBytes, of: .server)
        unfinished = (preamble, drop(clientBytes, of: .client))
      case .refused(let preamble): return end(.refused(preamble))
      case .other: return giveUp()
      }
    }
    if let (preamble, left) = unfinished, left == 0 { return end(.read(preamble)) }
    return held.cost > Self.heldLimit ? giveUp() : .taken
  }

  private func parse() -> PreambleParse {
    let (client, server) = (client, server)
    return switch client.first {
    case ProxyHeader1.start[0]: ProxyHeader1.parse(client.span)
    case ProxyHeader2.signature[0]: ProxyHeader2.parse(client.span)
    case SOCKS4.version: SOCKS4.parse(client: client.span, server: server.span)
    case SOCKS5.version: SOCKS5.parse(client: client.span, server: server.span)
    default: .other
    }
  }

  private func giveUp() -> Step { end(.other(start: client)) }

  private func end(_ outcome: Outcome) -> Step {
    let replay = held
    held = ReplayBuffer()
    return .ended(End(outcome: outcome, replay: replay))
  }
}
