/// What one call of an unpacker did.
struct UnpackingStep {
  /// Bytes of the input that it took.
  var taken: Int
  /// Bytes of the output that it wrote.
  var written: Int
  /// Whether a frame or member ended here: the input may end, or another one may begin.
  var isAtBorder: Bool
  /// What was written is good, and what follows is damaged: the next call throws.
  var isBeforeDamage = false
}
