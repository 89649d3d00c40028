/// What whoever queued a payload found out about it. The reassembler does not know what it means; it hands it to the sink with
/// a payload that comes whole and in its turn.
public struct PayloadMark: Hashable, Sendable {
  /// Any number that the sink understands.
  public let number: UInt8

  /// A mark; 0 says nothing.
  @inlinable public init(_ number: UInt8) { self.number = number }

  /// Nothing was found out.
  @inlinable public static var none: PayloadMark { PayloadMark(0) }
}
