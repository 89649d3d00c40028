/// What is known of a request that was sent before the first byte that an exchange is given.
package enum EarlierRequest {
  /// Nothing.
  case unknown
  /// One began, and a gap took all of it that would tell what it asks for.
  case cut
  /// One asked for an upgrade to WebSocket, and cannot be read.
  case unread
}
