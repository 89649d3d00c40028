#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Why output ended early: what the system said.
public struct OutputFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// The `errno`.
  public let code: Int32
  /// Its text: `No space left on device`.
  public let description: String

  init(code: Int32) {
    self.code = code
    description = unsafe String(cString: strerror(code))
  }
}
