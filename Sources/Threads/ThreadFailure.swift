/// The system cannot start another thread.
package struct ThreadFailure: Error, CustomStringConvertible {
  /// One sentence with the system's reason.
  package let description: String
}
