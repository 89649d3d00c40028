import SessionTimeline
import StreamReassembly

extension CaptureSummary {
  /// What was let go because of a limit, in words: `2 holes`. Empty nearly always.
  var letGo: [String] {
    var parts: [String] = []
    func add(_ count: UInt64, _ one: String, _ many: String) {
      if count > 0 { parts.append(count == 1 ? "1 \(one)" : "\(count) \(many)") }
    }
    add(reassembly.holesOverLimit, "hole given up early", "holes given up early")
    add(
      reassembly.connectionsOverLimit, "connection let go as one too many",
      "connections let go as too many")
    add(
      reassembly.connectionsGivenUp &- reassembly.connectionsOverLimit, "connection let go as idle",
      "connections let go as idle")
    add(pickUpsLetGo, "look for frames given up", "looks for frames given up")
    return parts
  }
}
