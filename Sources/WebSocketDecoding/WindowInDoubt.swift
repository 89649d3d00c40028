import CZlib
import WireBytes

/// Tells what in the output of a DEFLATE stream comes from a window that is not known.
///
/// The same bytes are inflated twice, once with a window of zeros and once with one of 0xFF. A byte that is written
/// out, or copied from one that was, is the same in both; one that was copied from the unknown window differs. No
/// other byte can differ, for the codes do not depend on the window. So a message is known if no byte of it differs,
/// and once the last window's worth of output has no such byte the doubt is over.
@safe final class WindowInDoubt {
  private var stream = unsafe z_stream()
  private let usable: Bool
  private var sawUnknown = false
  /// Bytes of output since the last one that is not known.
  private var knownTail = 0

  /// The largest window (RFC 7692 §7.1.2): 2 to the power of 15.
  static let windowBytes = 32_768

  init() { usable = unsafe wstap_inflate_init2(&stream, -15) == Z_OK }

  deinit { if usable { unsafe inflateEnd(&stream) } }

  /// All of the window is unknown.
  func begin() {
    guard usable else { return }
    unsafe Self.fill(&stream, with: 0xFF)
    (sawUnknown, knownTail) = (false, 0)
  }

  /// The whole window is known again.
  var isOver: Bool { knownTail >= Self.windowBytes }

  func takeSawUnknown() -> Bool {
    defer { sawUnknown = false }
    return sawUnknown || !usable
  }

  /// The bytes that come next; they stay valid until all of them are inflated.
  func offer(_ input: UnsafeBufferPointer<UInt8>) {
    unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
    unsafe stream.avail_in = UInt32(input.count)
  }

  /// Inflates as much as the other stream did, and compares.
  func compare(_ output: UnsafeRawBufferPointer, through block: UnsafeMutableRawBufferPointer) {
    guard usable else { return }
    unsafe stream.next_out = block.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.avail_out = UInt32(block.count)
    _ = unsafe CZlib.inflate(&stream, Z_SYNC_FLUSH)
    var last = output.count
    while last > 0, unsafe output[last - 1] == block[last - 1] { last -= 1 }
    if last > 0 { (sawUnknown, knownTail) = (true, 0) }
    knownTail = min(knownTail + output.count - last, Self.windowBytes)
  }

  /// Both streams reached the end of a DEFLATE stream.
  func restart() { if usable { unsafe Self.restart(&stream) } }

  /// Begins a DEFLATE stream whose window is full of one value.
  static func fill(_ stream: inout z_stream, with value: UInt8) {
    unsafe inflateReset(&stream)
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: windowBytes) { window in
      unsafe window.initialize(repeating: value)
      _ = unsafe inflateSetDictionary(&stream, window.baseAddress, UInt32(windowBytes))
    }
  }

  /// Begins another DEFLATE stream with the window of the one that ended; what is left of the input stays.
  static func restart(_ stream: inout z_stream) {
    var length: UInt32 = 0
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: windowBytes) { window in
      _ = unsafe inflateGetDictionary(&stream, window.baseAddress, &length)
      unsafe inflateReset(&stream)
      if length > 0 { _ = unsafe inflateSetDictionary(&stream, window.baseAddress, length) }
    }
  }
}
