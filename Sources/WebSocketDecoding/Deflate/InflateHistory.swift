/// What a DEFLATE stream came to: the last 32 KiB of it, which later symbols may refer to, and behind them room for more.
///
/// It begins small, because most streams are, and grows to 48 KiB. Then the last 32 KiB are moved to its front from time to time.
@safe struct InflateHistory: ~Copyable {
  /// How far back a symbol can refer (RFC 1951 §2): the largest window.
  static let windowBytes = 32_768
  /// What the fast loop may write at once: the longest match, two bytes before it, and the rest of a vector behind it.
  static let margin = 320
  private static let largest = windowBytes + 16_384

  private(set) var base: UnsafeMutablePointer<UInt8>?
  private(set) var capacity = 0
  /// Bytes that are there: all there ever were, or the last 32 KiB or more.
  var count = 0

  init() { unsafe base = nil }

  deinit { unsafe base?.deallocate() }

  mutating func clear() { count = 0 }

  /// A window that is full of one byte.
  mutating func fill(with byte: UInt8) {
    grow(to: Self.largest)
    unsafe base?.update(repeating: byte, count: Self.windowBytes)
    count = Self.windowBytes
  }

  /// Makes room for `margin` bytes and more. What was written before may move.
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
