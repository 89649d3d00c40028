/// What follows a head, as decided by whoever reads it.
package enum AfterHead {
  /// A body as the head's own fields describe it (RFC 9112 §6.3), then the next head.
  case body
  /// No body, whatever the fields say: this is a response to HEAD.
  case noBody
  /// Another protocol, starting with the next byte: the decoder stops for good.
  case handOver
  /// Not known yet: the decoder stops until `resume` says what follows.
  case pause
  /// A body as the fields describe it, then not known yet. This is for upgrade requests: the protocol cannot change inside
  /// a message (RFC 9110 §7.8).
  case bodyThenPause
}
