import Glibc

/// Descriptors 0 to 2, which a caller may have closed: an interface or a capture file that is opened would get such a
/// number, and what is printed would be written into it.
enum StandardDescriptors {
  /// Puts the null device in the place of those that are closed, so that writing to it fails as it did.
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
