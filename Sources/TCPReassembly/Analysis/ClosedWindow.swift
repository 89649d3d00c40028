/// A receive window of zero that never opened again: the receiver's program did not read.
public struct ClosedWindow: Sendable, Equatable {
  /// From the packet that announced it to the end, in nanoseconds.
  public var time: Int64
  /// From that packet to the last one that announced it again, in nanoseconds: so long the receiver was there.
  public var confirmed: Int64
  /// The packet that announced it.
  public var packet: UInt64
}
