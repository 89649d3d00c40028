/// Rights could not be given up.
package struct RightsFailure: Error, CustomStringConvertible {
  /// One sentence with the system's reason.
  package let description: String

  init(_ description: String) { self.description = description }
}
