/// What a head's reader decides on the bytes that follow it.
package enum AfterHead {
  /// A body as the head's own fields say (RFC 9112 §6.3), then the next head.
  case body
  /// No body whatever the fields say: the answer to HEAD.
  case noBody
  /// Another protocol, from the next byte on: the decoder stops.
  case handOver
  /// Not known yet: the decoder stops and `resume` decides.
  case pause
  /// A body as the fields say, then not known yet: after an upgrade request (RFC 9110 §7.8: the protocol
  /// cannot change inside a message).
  case bodyThenPause
}
