/// What there is to say of all inputs beside their packets.
public struct InputSummary: Sendable {
  /// In the order in which they ended.
  public var inputs: [InputEnding]
  /// Why inputs could not be read, or not to their end.
  public var damage: [String]
}
