/// What the masking keys of one side show in a row (RFC 6455 §5.3): a key that is zero, or always the same.
struct MaskingKeyHistory {
  /// The key of the latest frame; 0 if it was not masked, or before the first one.
  private(set) var last: UInt32 = 0
  /// Frames before it that had the same key, as far as they matter.
  private var repeats: UInt8 = 0

  /// Takes the key of a frame that differs from the latest one.
  @inline(__always)
  mutating func noteFresh(_ key: UInt32) { (last, repeats) = (key, 0) }

  /// Takes the key of a frame of any kind.
  @inline(__always)
  mutating func note(_ key: UInt32) {
    if key != last { noteFresh(key) }
  }

  /// The rule that the masking key of the next frame breaks, before `note` takes it.
  mutating func rule(brokenBy key: UInt32) -> FramingRule? {
    if key == 0 { return .zeroMaskingKey }
    guard key == last else { return nil }
    // Two equal keys in a row can be chance (1 in 2³²); three are a constant.
    repeats = min(repeats &+ 1, 2)
    return repeats == 2 ? .constantMaskingKey : nil
  }
}
