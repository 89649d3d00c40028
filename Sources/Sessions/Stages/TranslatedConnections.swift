import HTTP1
import TCPReassembly
import WireBytes

/// Recognizes a connection that was captured twice, before and after address translation, as with `-i any` on a host that forwards
/// for containers: its session is told once.
///
/// Translation leaves the initial sequence numbers alone, which are 64 random bits, and mostly the client's port. A proxy opens
/// connections of its own.
struct TranslatedConnections {
  private struct Original {
    let sequences: ConnectionInfo.InitialSequences
    let record: SessionRecord
    let client: Endpoint
    let server: Endpoint
    let key: KeyIdentity
    let requested: CaptureTime
  }

  /// By a few bits of both initial sequence numbers. A later session may take the place of another one: that one is not recognized
  /// any more, but its copy nearly always begins at once.
  private var originals: [Original?] = []
  private static let places = 256
  /// Both copies of a request are captured within this time, in nanoseconds: 100 ms, or less than 1 ms where the client's address
  /// differs. Captures that a program made up have the same numbers and port in the connections of all clients.
  private static let (longestDelay, longestDelayOfOtherClient): (Int64, Int64) = (100_000_000, 999_999)

  /// The open session whose connection this one is, too; nil if it is a connection of its own.
  func original(of connection: ConnectionInfo, _ handshake: Handshake) -> SessionRecord? {
    guard let sequences = connection.initialSequences, let request = handshake.request,
      !originals.isEmpty, let original = originals[sequences.place], original.sequences == sequences,
      original.key == handshake.keyIdentity,
      original.client.port == connection.initiator.port,
      original.client != connection.initiator || original.server != connection.responder,
      request.start.time.nanoseconds(since: original.requested).magnitude
        <= (original.client == connection.initiator ? Self.longestDelay : Self.longestDelayOfOtherClient)
    else { return nil }
    return original.record
  }

  /// A session begins whose connection may be captured once more.
  mutating func note(_ record: SessionRecord, _ connection: ConnectionInfo, _ handshake: Handshake) {
    guard let sequences = connection.initialSequences, let key = handshake.keyIdentity,
      let request = handshake.request
    else { return }
    if originals.isEmpty { originals = Array(repeating: nil, count: Self.places) }
    originals[sequences.place] = Original(
      sequences: sequences, record: record, client: connection.initiator, server: connection.responder,
      key: key,
      requested: request.start.time)
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
}
