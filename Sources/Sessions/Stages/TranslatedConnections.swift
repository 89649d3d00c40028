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
    let record: SessionRecord
    let client: Endpoint
    let server: Endpoint
    let key: KeyIdentity
    let requested: CaptureTime
  }

  /// By both initial sequence numbers.
  private var originals: [UInt64: Original] = [:]
  /// Both copies of a request are captured within this time, in nanoseconds: 100 ms, or less than 1 ms where the client's address
  /// differs. Captures that a program made up have the same numbers and port in the connections of all clients.
  private static let (longestDelay, longestDelayOfOtherClient): (Int64, Int64) = (100_000_000, 999_999)

  /// The open session whose connection this one is, too; nil if it is a connection of its own.
  func original(of connection: ConnectionInfo, _ handshake: Handshake) -> SessionRecord? {
    guard let sequences = connection.initialSequences, let request = handshake.request,
      let original = originals[sequences.joined], original.key == handshake.keyIdentity,
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
    originals[sequences.joined] = Original(
      record: record, client: connection.initiator, server: connection.responder, key: key,
      requested: request.start.time)
  }

  /// A session ends.
  mutating func forget(_ record: SessionRecord, _ connection: ConnectionInfo) {
    guard let sequences = connection.initialSequences, originals[sequences.joined]?.record === record else {
      return
    }
    originals[sequences.joined] = nil
  }
}

extension ConnectionInfo.InitialSequences {
  fileprivate var joined: UInt64 { UInt64(initiator) << 32 | UInt64(responder) }
}
