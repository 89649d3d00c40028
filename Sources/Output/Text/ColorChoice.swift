/// The values of `--color`.
public enum ColorChoice: String, Sendable, CaseIterable {
  /// Colour on a terminal that can and whose user did not object.
  case auto
  /// Colour, wherever the output goes.
  case always
  /// No colour.
  case never
}
