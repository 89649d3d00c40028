/// How much an observer holds for one connection.
package struct HTTPLimits: Sendable {
  /// The longest head, in bytes.
  package var headBytes = 64 * 1024
  /// The most fields in a head.
  package var fields = 256
  /// Bytes that wait for the other side's head, and what keeping them costs.
  package var heldBytes = 64 * 1024

  /// The defaults.
  package init() {}
}
