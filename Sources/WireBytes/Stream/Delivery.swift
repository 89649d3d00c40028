/// Bytes of one direction of a byte stream, in order, with what is known about the packet that brought them.
///
/// It travels down from the transport to whoever reads the bytes, so that no reader has to ask the transport about them
/// afterwards.
public struct Delivery: ~Escapable {
  /// The bytes, borrowed for the call.
  public let bytes: Span<UInt8>
  /// What is known about their packet.
  public let context: DeliveryContext

  /// Bytes and what is known about their packet.
  @inlinable @inline(__always)
  @_lifetime(copy bytes)
  public init(_ bytes: Span<UInt8>, _ context: DeliveryContext) {
    (self.bytes, self.context) = (bytes, context)
  }

  /// A delivery from its parts.
  @inlinable @inline(__always)
  @_lifetime(copy bytes)
  public init(
    _ bytes: Span<UInt8>, at position: StreamPosition, peerAcknowledged: UInt64?,
    peerIsDelivered: Bool = false
  ) {
    self.init(
      bytes,
      DeliveryContext(at: position, peerAcknowledged: peerAcknowledged, peerIsDelivered: peerIsDelivered))
  }

  /// Where the first byte belongs.
  @inlinable public var position: StreamPosition { @inline(__always) get { context.position } }
  /// `DeliveryContext.peerAcknowledged`.
  @inlinable public var peerAcknowledged: UInt64? { @inline(__always) get { context.peerAcknowledged } }
  /// `DeliveryContext.peerIsDelivered`.
  @inlinable public var peerIsDelivered: Bool { @inline(__always) get { context.peerIsDelivered } }

  /// What remains after the first `count` bytes; empty when there are no more.
  @inlinable @inline(__always)
  @_lifetime(copy self)
  public func dropping(_ count: Int) -> Delivery {
    Delivery(bytes.dropping(count), context.advanced(by: count))
  }
}
