/// What is known about the packet that brought bytes of a byte stream.
///
/// Apart from the bytes on the way of every segment: a value that holds a span is destroyed through its metadata by the
/// modules that import it (Swift 6.3), although nothing has to be done.
public struct DeliveryContext: Sendable {
  /// Where the first of the bytes belongs.
  public let position: StreamPosition
  /// `peerAcknowledged`, or `unknown`: one is made for each segment, and an optional would be a word longer.
  @usableFromInline let acknowledged: UInt64
  /// Whether all that was captured of the peer before these bytes was delivered: nothing of it waits for bytes that are
  /// missing. False when that is not known.
  public let peerIsDelivered: Bool

  /// A context from its parts.
  @inlinable @inline(__always)
  public init(at position: StreamPosition, peerAcknowledged: UInt64?, peerIsDelivered: Bool = false) {
    self.position = position
    acknowledged = peerAcknowledged ?? Self.unknown
    self.peerIsDelivered = peerIsDelivered
  }

  /// No stream is as long.
  @inlinable static var unknown: UInt64 { .max }

  /// Up to which offset of the *peer's* stream the sender had acknowledged when it sent these bytes (RFC 9293 §3.4); nil
  /// when unknown.
  @inlinable public var peerAcknowledged: UInt64? {
    @inline(__always) get { acknowledged == Self.unknown ? nil : acknowledged }
  }

  /// Of what remains after the first `count` bytes.
  @inlinable @inline(__always)
  public func advanced(by count: Int) -> DeliveryContext {
    DeliveryContext(
      at: position.advanced(by: count), peerAcknowledged: peerAcknowledged, peerIsDelivered: peerIsDelivered)
  }
}
