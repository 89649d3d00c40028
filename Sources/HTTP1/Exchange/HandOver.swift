import WireBytes

/// The end of HTTP on a connection, and everything that the next reader needs.
///
/// Report the events, replay what waited, and then give the bytes of the call that were not taken to the next reader.
package struct HandOver {
  /// Bytes of the call that were HTTP or wait in `replay`; 0 when the call brought none.
  package let taken: Int
  /// What follows HTTP.
  package let next: ProtocolSwitch
  /// What was found before HTTP ended.
  package let events: [ExchangeEvent]
  /// What waited and belongs to the next protocol. It comes before the bytes that were not taken.
  package let replay: ReplayBuffer
  /// The start of a request whose rest is not in the capture, unless a later head shows that it was answered.
  package let cutRequest: HTTPHead?
  /// Captured bytes of a response that was cut before it said anything.
  package let bytesOfAnswer: Int
}
