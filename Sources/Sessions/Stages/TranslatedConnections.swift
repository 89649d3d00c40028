import HTTP1
import SessionAnalysis
import TCPReassembly
import WireBytes

/// Recognizes a connection that was captured twice, before and after address translation, as with `-i any` on a host that forwards
/// for containers: its session is told once.
///
/// Translation leaves the initial sequence numbers alone, which are 64 random bits; the client's port it may change, too. A proxy
/// opens connections of its own.
struct TranslatedConnections {
  /// An open session whose connection may be captured once more.
  struct Original {
    let record: SessionRecord
    /// Where the dispatcher keeps its connection.
    let slot: Int
    let client: Endpoint
    /// Where its request begins.
    let start: StreamPosition
    fileprivate let request: HeadIdentity
    fileprivate let server: Endpoint
    fileprivate let sequences: ConnectionInfo.InitialSequences
    fileprivate let key: KeyIdentity?
    /// Nobody else has these numbers, as far as is known.
    fileprivate let isRandom: Bool
  }

  /// By a few bits of both initial sequence numbers. A later session may take the place of another one: that one is not recognized
  /// any more, but its copy nearly always begins at once.
  private var originals: [Original?] = []
  private static let places = 256
  /// Both copies of a request are captured within this time, in nanoseconds. A request that did not get through at first is sent
  /// again after 200 ms or more; where the key was not captured, less has to do.
  private static let (longestDelay, longestDelayWithoutKey): (Int64, Int64) = (1_000_000_000, 100_000_000)
  /// The same where the numbers do not look drawn at random: captures that a program made up have the same ones and the same key
  /// in the connections of all clients.
  private static let (longestDelayOfMadeUp, longestDelayOfOtherClient): (Int64, Int64) = (
    100_000_000, 999_999
  )

  /// The open session whose connection this one is, too; nil if it is a connection of its own.
  func original(of connection: ConnectionInfo, _ handshake: Handshake) -> Original? {
    guard let sequences = connection.initialSequences, let request = handshake.request,
      !originals.isEmpty, let original = originals[sequences.place], original.sequences == sequences,
      original.client != connection.initiator || original.server != connection.responder
    else { return nil }
    let delay = Int64(
      clamping: request.start.time.nanoseconds(since: original.start.time).magnitude)
    let key = handshake.keyIdentity
    let hasSameKey = key != nil && key == original.key
    if original.isRandom {
      if hasSameKey, delay <= Self.longestDelay { return original }
      // Of a key that was cut nothing is known, or a part.
      guard key == original.key || request.isCut || original.request.isCut else { return nil }
      return delay <= Self.longestDelayWithoutKey && request.identity.mayBeSame(as: original.request)
        ? original : nil
    }
    let longest =
      original.client == connection.initiator ? Self.longestDelayOfMadeUp : Self.longestDelayOfOtherClient
    return hasSameKey && original.client.port == connection.initiator.port && delay <= longest
      ? original : nil
  }

  /// A session begins whose connection, in this slot, may be captured once more.
  mutating func note(
    _ record: SessionRecord, _ connection: ConnectionInfo, _ handshake: Handshake, _ slot: Int
  ) {
    guard let sequences = connection.initialSequences, let request = handshake.request else { return }
    if originals.isEmpty { originals = Array(repeating: nil, count: Self.places) }
    var isRandom = sequences.lookRandom
    // Two connections with the same numbers that are not copies of each other: a program made them up.
    if let other = originals[sequences.place], other.sequences == sequences,
      other.client != connection.initiator || other.server != connection.responder
    {
      isRandom = false
    }
    originals[sequences.place] = Original(
      record: record, slot: slot, client: connection.initiator, start: request.start,
      request: request.identity, server: connection.responder, sequences: sequences,
      key: handshake.keyIdentity, isRandom: isRandom)
  }

  /// A session ends.
  mutating func forget(_ record: SessionRecord, _ connection: ConnectionInfo) {
    guard let sequences = connection.initialSequences, !originals.isEmpty,
      originals[sequences.place]?.record === record
    else { return }
    originals[sequences.place] = nil
  }
}

extension ConnectionInfo.InitialSequences {
  /// Spread over 256 places, also where they are counted up (Knuth's multiplicative hashing).
  fileprivate var place: Int { Int(((initiator ^ responder &* 3) &* 0x9E37_79B1) >> 24) }

  /// Whether both look drawn at random (RFC 9293 §3.4.1). One connection in fifty does not, though it was.
  var lookRandom: Bool {
    func looksRandom(_ number: UInt32) -> Bool {
      number >= 1 << 24 && number & 0xFF != 0 && number % 1000 != 0
        && (number ^ (number << 8 | number >> 24)).nonzeroBitCount > 3
    }
    let apart = initiator &- responder
    return looksRandom(initiator) && looksRandom(responder) && min(apart, 0 &- apart) >= 1 << 16
  }
}
