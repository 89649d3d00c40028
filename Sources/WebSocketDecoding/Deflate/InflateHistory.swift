/// The output of a DEFLATE stream: its last 32 KiB, which later symbols may refer to, followed by room for more.
///
/// It begins small, because most streams are small, and grows to 48 KiB. From then on the last 32 KiB are moved to its front from time to time.
@safe struct InflateHistory: ~Copyable {
  /// How far back a symbol can refer (RFC 1951 §2): the largest window.
  static let windowBytes = 32_768
  /// Bytes that one turn of the fast loop may write: the longest match, two bytes before it, and the rest of a vector after it.
  static let margin = 320
  private static let largest = windowBytes + 16_384

  private(set) var base: UnsafeMutablePointer<UInt8>?
  private(set) var capacity = 0
  /// Bytes held: all output so far, or at least the last 32 KiB of it.
  var count = 0

  init() { unsafe base = nil }

  deinit { unsafe base?.deallocate() }

  mutating func clear() { count = 0 }

  /// Fills the window with one byte.
  mutating func fill(with byte: UInt8) {
    grow(to: Self.largest)
    unsafe base?.update(repeating: byte, count: Self.windowBytes)
    count = Self.windowBytes
  }

  /// Makes room for more than `margin` bytes. What was written before may move.
  mutating func makeRoom() {
    guard capacity - count <= Self.margin else { return }
    if capacity < Self.largest { return grow(to: min(max(capacity * 2, 4096), Self.largest)) }
    let first = count - Self.windowBytes
    if let base = unsafe base { unsafe base.update(from: base + first, count: Self.windowBytes) }
    count = Self.windowBytes
  }

  private mutating func grow(to size: Int) {
    guard size > capacity else { return }
    let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
    if let base = unsafe base {
      unsafe grown.update(from: base, count: count)
      unsafe base.deallocate()
    }
    unsafe base = grown
    capacity = size
  }
}
