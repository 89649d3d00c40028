/// The version of WebSocket that the client asks for.
public enum HandshakeDialect: Sendable, Hashable {
  /// RFC 6455, or a version that is not a known draft.
  case rfc6455
  /// draft-ietf-hybi-thewebsocketprotocol: the handshake of RFC 6455, and mostly its frames.
  case hybi(version: Int)
  /// Two keys and a challenge of eight bytes; frames between 0x00 and 0xFF.
  case hixie76
  /// No challenge; frames between 0x00 and 0xFF.
  case hixie75
}
