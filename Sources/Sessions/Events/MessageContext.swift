import SessionAnalysis
import WebSocketDecoding

/// What belongs to a message besides its payload. Borrowed for the call, as the payload is.
///
/// It has no references, so that making one for each message counts none.
public struct MessageContext: ~Escapable {
  /// The session it was sent in.
  public let session: SessionReference
  /// The first thousand or so parts of the payload that the capture does not hold.
  public let missing: Span<MissingRange>
  /// What TCP did to it: always with `EventNeeds.Transport.all`, otherwise where it is remarkable.
  public let transport: MessageTransport?

  /// A message of a session, of which these ranges are missing.
  @inlinable @inline(__always)
  @_lifetime(copy missing)
  public init(
    _ session: SessionReference, missing: Span<MissingRange>, transport: MessageTransport? = nil
  ) {
    (self.session, self.missing, self.transport) = (session, missing, transport)
  }

  /// A message of a session, of which nothing is missing and to which TCP did nothing remarkable.
  @inlinable @inline(__always)
  @_lifetime(immortal)
  public init(_ session: SessionReference) {
    (self.session, missing, transport) = (session, Span(), nil)
  }

  /// Nothing but the session has to be said.
  @inlinable
  package var isPlain: Bool { missing.isEmpty && transport == nil }
}
