internal import Sessions
internal import TCPReassembly

/// What reassembling the TCP streams noticed and discarded.
public struct ReassemblyTotals: Sendable, Hashable {
  /// Segments all of whose bytes had come before.
  public let retransmissions: UInt64
  /// Segments that came before their turn.
  public let outOfOrder: UInt64
  /// Segments so far ahead that they cannot belong to the stream; ignored.
  public let outOfWindow: UInt64
  /// Segments that came after the end of their connection; ignored.
  public let afterEnd: UInt64
  /// Bytes that precede the first captured one of a connection without a SYN, but came after it; ignored.
  public let bytesBeforeStart: UInt64
  /// RST segments outside the window; ignored.
  public let invalidResets: UInt64
  /// Gaps that were given up because too many bytes waited after them.
  public let gapsOverLimit: UInt64
  /// Connections that were let go because there were too many, or because they were idle too long.
  public let connectionsGivenUp: UInt64
  /// IP datagrams of which some fragments were not captured.
  public let incompleteDatagrams: Int
}

extension ReassemblyTotals {
  init(_ summary: CaptureSummary) {
    let counts = summary.reassembly
    (retransmissions, outOfOrder) = (counts.retransmissions, counts.outOfOrder)
    (outOfWindow, afterEnd) = (counts.outOfWindow, counts.afterEnd)
    bytesBeforeStart = counts.bytesBeforeStart
    (invalidResets, gapsOverLimit) = (counts.invalidResets, counts.gapsOverLimit)
    (connectionsGivenUp, incompleteDatagrams) = (counts.connectionsGivenUp, summary.incompleteDatagrams)
  }
}
