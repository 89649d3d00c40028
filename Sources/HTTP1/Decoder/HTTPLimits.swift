/// How much memory one connection may use while it is HTTP.
package struct HTTPLimits: Sendable {
  /// The longest head, in bytes.
  package var headBytes = 64 * 1024
  /// The most fields in a head.
  package var fields = 256
  /// The same for a request for an upgrade to WebSocket, or its answer: as many as `headBytes` have room for, at four bytes a field.
  package var upgradeFields = 16_384
  /// The most memory for bytes that wait for the other side's head, in bytes, including the overhead of keeping them.
  package var heldBytes = 64 * 1024

  /// The defaults.
  package init() {}
}
