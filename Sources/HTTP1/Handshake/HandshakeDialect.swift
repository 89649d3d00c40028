/// Which WebSocket the client asked for.
public enum HandshakeDialect: Sendable, Hashable {
  /// RFC 6455, or a version that is not known to be older.
  case rfc6455
  /// draft-ietf-hybi-thewebsocketprotocol: the handshake and mostly the frames of RFC 6455.
  case hybi(version: Int)
  /// Two keys and a challenge of eight bytes; frames between 0x00 and 0xFF.
  case hixie76
  /// No challenge; frames between 0x00 and 0xFF.
  case hixie75
}
