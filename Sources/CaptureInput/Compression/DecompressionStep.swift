/// What one call of an `Decompressor` did.
struct DecompressionStep {
  /// Bytes of the input that it consumed.
  var taken: Int
  /// Bytes of the output that it wrote.
  var written: Int
  /// Whether a frame or member ended here, so that the input may end or another one may begin.
  var isAtBorder: Bool
  /// Whether the output is good but damage follows, so that the next call throws.
  var isBeforeDamage = false
}
