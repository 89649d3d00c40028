import WireBytes

extension Anomaly {
  /// All of it in one line, as tables of rules have it: `violation reserved_bit, client, packet 2, offset 6: RSV2 is set`.
  public var finding: String {
    "\(rule.severity.rawValue) \(rule.name), \(side?.name ?? "nobody"), packet \(position.packet), offset \(position.offset): \(detail)"
  }
}
