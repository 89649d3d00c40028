/// What is reported about all inputs beside their packets.
public struct InputSummary: Sendable {
  /// In the order in which they ended.
  public var inputs: [InputEnding]
  /// Why inputs could not be read, or not to their end; one line each.
  public var damage: [String]
}
