import Sessions
import TCPReassembly

extension CaptureSummary {
  /// What to say of packets that a snapshot length cut; nil if it cut none, or if nothing but other protocols was captured. A
  /// packet that was cut before its TCP header may have been TCP: then it says why nothing was found.
  var truncation: String? {
    guard truncated > 0, notTCP < packets else { return nil }
    let (shortest, longest) = truncatedLengths
    return """
      \(truncated) of \(packets) packets truncated at \(shortest == longest ? "" : "\(shortest) to ")\(longest) bytes; \
      capture with -s 0
      """
  }

  /// What was given up because of a limit, or came too late: `2 gaps given up early`. Mostly empty.
  var evictionPhrases: [String] {
    var parts: [String] = []
    func add(_ count: UInt64, _ one: String, _ many: String) {
      if count > 0 { parts.append(count == 1 ? "1 \(one)" : "\(count) \(many)") }
    }
    add(reassembly.gapsOverLimit, "gap given up early", "gaps given up early")
    add(
      reassembly.connectionsOverLimit &- reassembly.connectionsOverMemory,
      "connection evicted as one too many", "connections evicted as too many")
    add(
      memory.connectionsLetGo, "connection evicted for want of memory (--memory)",
      "connections evicted for want of memory (--memory)")
    add(
      memory.messagesShortened, "message shortened for want of memory (--memory)",
      "messages shortened for want of memory (--memory)")
    add(
      reassembly.connectionsGivenUp &- reassembly.connectionsOverLimit, "connection evicted as idle",
      "connections evicted as idle")
    add(
      reassembly.bytesBeforeStart, "byte from before the start of a connection came too late",
      "bytes from before the start of connections came too late")
    add(midstreamEvictions, "search for frames given up", "searches for frames given up")
    return parts
  }

  /// What to say of a capture that is so far out of order that bytes of it could not be read; nil of others. Captures that were
  /// put one after another are out of order too, and all of them can be read.
  package var disorder: String? {
    let unread = reassembly.afterEnd &+ reassembly.outOfWindow &+ reassembly.bytesBeforeStart
    guard timeOrder.isLost(in: packets), unread > 0 else { return nil }
    return """
      \(timeOrder.packets) of \(packets) packets are not in the order of their time, by up to \
      \(TimeSpan(timeOrder.most).text), and bytes came too late to be read. Put them in order first: reordercap IN OUT
      """
  }
}
