import SessionAnalysis
import WebSocketDecoding

/// What belongs to a message besides its payload.
public struct MessageContext: Sendable {
  /// The session it was sent in.
  public var session: SessionReference
  /// The first thousand or so parts of the payload that the capture does not hold.
  public var missing: [MissingRange]
  /// What TCP did to it: always with `EventNeeds.Transport.all`, otherwise where it is remarkable.
  public var transport: MessageTransport?

  /// A message of a session, of which nothing is missing and to which TCP did nothing remarkable.
  @inlinable
  public init(
    _ session: SessionReference, missing: [MissingRange] = [], transport: MessageTransport? = nil
  ) {
    (self.session, self.missing, self.transport) = (session, missing, transport)
  }

  /// Nothing but the session has to be said.
  @inlinable
  package var isPlain: Bool { missing.isEmpty && transport == nil }
}
