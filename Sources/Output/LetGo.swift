import SessionTimeline
import TCPReassembly

extension CaptureSummary {
  /// What was let go because of a limit or came too late, in words: `2 holes given up early`. Empty nearly always.
  var letGo: [String] {
    var parts: [String] = []
    func add(_ count: UInt64, _ one: String, _ many: String) {
      if count > 0 { parts.append(count == 1 ? "1 \(one)" : "\(count) \(many)") }
    }
    add(reassembly.gapsOverLimit, "hole given up early", "holes given up early")
    add(
      reassembly.connectionsOverLimit, "connection let go as one too many",
      "connections let go as too many")
    add(
      reassembly.connectionsGivenUp &- reassembly.connectionsOverLimit, "connection let go as idle",
      "connections let go as idle")
    add(
      reassembly.bytesBeforeStart, "byte from before the start of a connection came too late",
      "bytes from before the start of connections came too late")
    add(pickUpsLetGo, "look for frames given up", "looks for frames given up")
    return parts
  }

  /// What to say of a capture that is in no order, so that bytes of it could not be read; nil of others. One behind the other,
  /// captures are in no order either, and all of them can be read.
  package var disorder: String? {
    let unread = reassembly.afterEnd &+ reassembly.outOfWindow &+ reassembly.bytesBeforeStart
    guard timeOrder.isLost(in: packets), unread > 0 else { return nil }
    let most = String(writing: { $0.append(duration: timeOrder.most) })
    return """
      \(timeOrder.packets) of \(packets) packets are not in the order of their time, by up to \(most), and \
      bytes came too late to be read. Put them in order first: reordercap IN OUT
      """
  }
}
