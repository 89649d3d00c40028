/// Bytes of one direction of a byte stream, in order, with what is known about the packet that brought them.
///
/// It travels down from the transport to whoever reads the bytes, so that no reader has to ask the transport about them
/// afterwards.
public struct Delivery: ~Escapable {
  /// The bytes, borrowed for the call.
  public let bytes: Span<UInt8>
  /// Where the first of them belongs.
  public let position: StreamPosition
  /// `peerAcknowledged`, or `unknown`: one is made for each segment, and an optional would be a word longer.
  @usableFromInline let acknowledged: UInt64
  /// Whether all that was captured of the peer before these bytes was delivered: nothing of it waits for bytes that are
  /// missing. False when that is not known.
  public let peerIsDelivered: Bool

  /// A delivery from its parts.
  @inlinable @inline(__always)
  @_lifetime(copy bytes)
  public init(
    _ bytes: Span<UInt8>, at position: StreamPosition, peerAcknowledged: UInt64?,
    peerIsDelivered: Bool = false
  ) {
    self.bytes = bytes
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

  /// What remains after the first `count` bytes; empty when there are no more.
  @inlinable @inline(__always)
  @_lifetime(copy self)
  public func dropping(_ count: Int) -> Delivery {
    Delivery(
      bytes.dropping(count), at: position.advanced(by: count), peerAcknowledged: peerAcknowledged,
      peerIsDelivered: peerIsDelivered)
  }
}
