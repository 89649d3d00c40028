/// Which end of a TCP connection sent something. The initiator sent the SYN, or the first packet captured.
public enum FlowDirection: Int, Sendable {
  /// From the end that opened the connection.
  case fromInitiator
  /// From the end that accepted it.
  case fromResponder

  /// The other direction.
  @inlinable public var opposite: FlowDirection { self == .fromInitiator ? .fromResponder : .fromInitiator }
}
