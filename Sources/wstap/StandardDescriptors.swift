import Glibc

/// Descriptors 0 to 2, which the caller may have closed. Otherwise an interface or a file that is opened could get one of
/// these numbers, and the output would be written into it.
enum StandardDescriptors {
  /// Opens the null device, for reading, in place of those that are closed, so that writing to them still fails.
  static func occupy() {
    while true {
      let descriptor = unsafe open("/dev/null", O_RDONLY)
      guard descriptor >= 0 else { return }
      if descriptor > 2 {
        close(descriptor)
        return
      }
    }
  }
}
