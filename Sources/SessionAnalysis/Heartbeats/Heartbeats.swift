import HTTP1
import WireBytes

/// The heartbeats of one session: at most one summary for each kind and side.
package struct Heartbeats {
  private var found: [Heartbeat] = []
  /// What the handshake lets expect: single characters are heartbeats only in these protocols.
  private let isEngineIO: Bool
  private let isSockJS: Bool

  /// `request` is nil when it is not known.
  package init(_ request: HTTPHead?) {
    guard let request else {
      (isEngineIO, isSockJS) = (true, true)
      return
    }
    // Engine.IO names its version in the query, SockJS ends the path with its transport.
    (isEngineIO, isSockJS) = request.withRequestLine { _, target in
      (
        target.contains("EIO=") || target.contains("/socket.io/") || target.contains("/engine.io/"),
        target.has("/websocket", at: target.count - 10) || target.contains("/websocket?")
      )
    }
  }

  /// A Ping came.
  package mutating func receivedPing(from side: Side, at position: StreamPosition) {
    found[index(.ping, side, isQuestion: true)].beat(at: position)
  }

  /// `after` nanoseconds from the ping. `isLate`: a later ping waits for its own.
  package mutating func receivedPong(to side: Side, after: Int64, isLate: Bool) {
    let place = index(.ping, side, isQuestion: true)
    found[place].answer(after: after)
    if isLate { found[place].late &+= 1 }
  }

  /// A pong came that does not repeat the ping of the side that it answers.
  package mutating func receivedMistakenPong(to side: Side) {
    found[index(.ping, side, isQuestion: true)].mistaken &+= 1
  }

  /// A pong came that no ping asked for. Where the peer pings it is more likely a second answer than a heartbeat.
  package mutating func receivedPong(from side: Side, at position: StreamPosition) {
    if find(.ping, side.peer) == nil { found[index(.pong, side, isQuestion: false)].beat(at: position) }
  }

  /// The summaries, in the order in which their first heartbeats were captured. Without pongs where pings may be unknown: what
  /// looks like a heartbeat may be answers then, or where their pings were told later.
  package func inOrder(withPongs: Bool) -> [Heartbeat] {
    // One that is no pong is shown.
    if found.isEmpty || found.count == 1 && found[0].kind != .pong { return found }
    let shown = found.filter { beat in
      beat.kind != .pong || withPongs && find(.ping, beat.side.peer) == nil
    }
    return shown.sorted { $0.first?.packet ?? 0 < $1.first?.packet ?? 0 }
  }

  /// A heartbeat of an application came. Returns whether it is one in this session. Which answer belongs to which question is
  /// told with `asked` and `answered`.
  package mutating func received(_ text: HeartbeatText, from side: Side, at position: StreamPosition) -> Bool
  {
    switch text.kind {
    case .engineIO where !isEngineIO: return false
    case .sockJS where !isSockJS || side == .client: return false
    default: break
    }
    switch text.role {
    case .oneWay: found[index(text.kind, side, isQuestion: false)].beat(at: position)
    case .question:
      // Whether a text that looks like a question wants an answer is known when one came.
      found[index(text.kind, side, isQuestion: text.kind != .text)].beat(at: position)
    case .answer: break
    }
    return true
  }

  /// A question, in the order of packets, after `received`.
  package mutating func asked(_ kind: HeartbeatKind, by side: Side, at time: CaptureTime) {
    if let place = find(kind, side) { found[place].ask(at: time) }
  }

  /// An answer, in the order of packets.
  package mutating func answered(_ kind: HeartbeatKind, by side: Side, at time: CaptureTime) {
    if let place = find(kind, side.peer) { _ = found[place].answer(at: time) }
  }

  private func find(_ kind: HeartbeatKind, _ side: Side) -> Int? {
    // By index: a closure would be handed a copy of each.
    for index in found.indices where found[index].kind == kind && found[index].side == side { return index }
    return nil
  }

  private mutating func index(_ kind: HeartbeatKind, _ side: Side, isQuestion: Bool) -> Int {
    if let place = find(kind, side) { return place }
    found.append(Heartbeat(kind, side, isQuestion: isQuestion))
    return found.count - 1
  }
}
