/// How reading a part of a block ended.
enum InflateStep {
  /// The part is complete.
  case done
  case needsInput
  /// There is no room for more output.
  case isFull
  case failed(InflateFault)
}
