/// The system gives no more threads.
package struct ThreadFailure: Error, CustomStringConvertible {
  /// What the system says.
  package let description: String
}
