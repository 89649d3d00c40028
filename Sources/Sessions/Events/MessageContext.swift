import SessionAnalysis
import WebSocketDecoding

/// What belongs to a message besides its payload.
///
/// Three words, of which the last is nil for nearly every message: it is passed in registers, and no reference is counted.
public struct MessageContext: Sendable {
  /// The session it was sent in.
  public let session: SessionReference
  @usableFromInline let remarks: Remarks?

  /// What is rarely to be said.
  @usableFromInline final class Remarks: Sendable {
    @usableFromInline let missing: [MissingRange]
    @usableFromInline let transport: MessageTransport?

    @usableFromInline init(_ missing: [MissingRange], _ transport: MessageTransport?) {
      (self.missing, self.transport) = (missing, transport)
    }
  }

  /// A message of a session, of which these ranges are missing.
  @inlinable @inline(__always)
  public init(
    _ session: SessionReference, missing: [MissingRange] = [], transport: MessageTransport? = nil
  ) {
    self.session = session
    remarks = missing.isEmpty && transport == nil ? nil : Remarks(missing, transport)
  }

  /// The first thousand or so parts of the payload that the capture does not hold.
  @inlinable
  public var missing: [MissingRange] { remarks?.missing ?? [] }

  /// What TCP did to it: always with `EventNeeds.Transport.all`, otherwise where it is remarkable.
  @inlinable
  public var transport: MessageTransport? { remarks?.transport }

  /// Nothing but the session has to be said.
  @inlinable
  package var isPlain: Bool { remarks == nil }
}
