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
    let redactedFrom: Int?

    @usableFromInline init(_ missing: [MissingRange], _ transport: MessageTransport?) {
      (self.missing, self.transport, redactedFrom) = (missing, transport, nil)
    }

    init(_ missing: [MissingRange], _ transport: MessageTransport?, redactedFrom: Int) {
      (self.missing, self.transport, self.redactedFrom) = (missing, transport, redactedFrom)
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

  /// A message whose payload is told with marks in place of values, instead of this many bytes of what was sent.
  public init(
    _ session: SessionReference, missing: [MissingRange], transport: MessageTransport?, redactedFrom: Int
  ) {
    self.session = session
    remarks = Remarks(missing, transport, redactedFrom: redactedFrom)
  }

  /// Of a payload in which values were hidden, the bytes of what was sent that it is told for; nil if nothing was hidden.
  public var redactedFrom: Int? { remarks.flatMap(\.redactedFrom) }

  /// The bytes of what was sent that this payload of the message is told for.
  package func shownBytes(of payload: Span<UInt8>) -> Int {
    remarks == nil ? payload.count : redactedFrom ?? payload.count
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
