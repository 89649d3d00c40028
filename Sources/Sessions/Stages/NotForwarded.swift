import TCPReassembly
import WireBytes

/// What to say of a connection that was captured before and after address translation, and went on or ended on one side only.
struct NotForwarded {
  /// Who sent what was not sent on; nil where nobody is known.
  let direction: FlowDirection?
  /// Where that was captured.
  let position: StreamPosition
  let detail: String

  /// `pieces` and `end` are what only copies have; the session was read from `own`. `isCaptureEnd`: what was not sent on may just not
  /// have been captured any more. Nil if there is nothing to say.
  init?(
    _ pieces: [ConnectionCopies.Piece], _ end: ConnectionCopies.End?, of copies: ConnectionCopies,
    own: ConnectionInfo, isCaptureEnd: Bool
  ) {
    let first = pieces.min { $0.context.position.packet < $1.context.position.packet }
    var parts: [String] = []
    if let first {
      let packets = Set(pieces.map(\.context.position.packet)).count
      parts.append(
        "packet \(first.context.position.packet)" + (packets > 1 ? " and \(packets - 1) more" : "")
          + Self.way(
            first.direction, copies.connections[first.copy].info, own,
            isCaptureEnd ? "was not captured going on" : "did not go on"))
    }
    if let end {
      let copy = copies.connections[end.copy].info
      if let by = copies.resetOnTheWay(end) {
        let ends = by == .fromInitiator ? (copy.initiator, copy.responder) : (copy.responder, copy.initiator)
        parts.append(
          """
          the RST in packet \(end.position.packet) was captured only as \(ends.0) → \(ends.1): \
          most likely the translating host itself sent it
          """)
      } else if case .rst = end.how, let by = end.by {
        parts.append("the RST in packet \(end.position.packet)" + Self.way(by, copy, own, "did not go on"))
      } else {
        parts.append("the end was captured only of \(copy.initiator) → \(copy.responder)")
      }
    }
    guard !parts.isEmpty else { return nil }
    direction = first?.direction ?? end?.by
    guard let place = first?.context.position ?? end?.position else { return nil }
    (position, detail) = (place, parts.joined(separator: "; "))
  }

  /// From where to where something should have gone on.
  private static func way(
    _ direction: FlowDirection, _ copy: ConnectionInfo, _ own: ConnectionInfo, _ words: String
  ) -> String {
    let (from, to) =
      direction == .fromInitiator ? (copy.initiator, copy.responder) : (copy.responder, copy.initiator)
    let (ownFrom, ownTo) =
      direction == .fromInitiator ? (own.initiator, own.responder) : (own.responder, own.initiator)
    return to != ownTo ? " for \(to) \(words) to \(ownTo)" : " from \(from) \(words) as from \(ownFrom)"
  }
}
