/// The number under which a sink knows a session: decoders hand it back with everything they find.
public struct SessionIndex: Sendable, Hashable {
  /// Dense and reused: an index into the sink's own table.
  public let value: Int

  /// The session in this place of the sink's table.
  @inlinable public init(_ value: Int) { self.value = value }
}
