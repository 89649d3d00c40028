import HTTP1
import WireBytes

/// The heartbeats of one kind that one side sent.
public struct Heartbeat: Sendable {
  /// How they are spoken.
  public let kind: HeartbeatKind
  /// Who sent the questions, or the beats that ask for no answer.
  public let side: Side
  /// How many there were.
  public internal(set) var count: UInt64 = 0
  /// How many of them were answered; nil where no answer is foreseen.
  public internal(set) var answered: UInt64?
  /// The time between one and the next.
  public internal(set) var intervals = Distribution()
  /// The time to the answer.
  public internal(set) var roundTrips = Distribution()
  /// The first one.
  private(set) var first: StreamPosition?
  /// The last one.
  public internal(set) var last: StreamPosition?
  /// Questions of an application since the last answer.
  private var open: OpenQuestions?
  /// Those before, and when their answer came.
  private var answeredLast: (questions: OpenQuestions, time: CaptureTime)?

  struct OpenQuestions {
    var count: Int
    var first: CaptureTime
    var last: CaptureTime
  }

  init(_ kind: HeartbeatKind, _ side: Side, isQuestion: Bool) {
    (self.kind, self.side) = (kind, side)
    if isQuestion { answered = 0 }
  }

  /// Questions without an answer.
  public var unanswered: UInt64? { answered.map { count &- min($0, count) } }

  /// Those that were asked by then, and not answered before.
  func open(at time: CaptureTime) -> OpenQuestions? {
    if let open, open.first.nanoseconds(since: time) <= 0 { return open }
    if let (questions, answered) = answeredLast, answered.nanoseconds(since: time) > 0,
      questions.first.nanoseconds(since: time) <= 0
    {
      return questions
    }
    return nil
  }

  mutating func ask(at time: CaptureTime) {
    open = OpenQuestions(count: (open?.count ?? 0) &+ 1, first: open?.first ?? time, last: time)
  }

  /// False when there was nothing to answer.
  mutating func answer(at time: CaptureTime) -> Bool {
    guard let questions = open else { return false }
    answeredLast = (questions, time)
    open = nil
    answer(after: time.nanoseconds(since: questions.last))
    return true
  }

  mutating func answer(after: Int64) {
    answered = (answered ?? 0) &+ 1
    roundTrips.add(after)
  }

  mutating func beat(at position: StreamPosition) {
    if let last { intervals.add(position.time.nanoseconds(since: last.time)) } else { first = position }
    last = position
    count &+= 1
  }
}

/// The heartbeats of one session: at most one summary for each kind and side.
struct Heartbeats {
  private var found: [Heartbeat] = []
  /// What the handshake lets expect: single characters are heartbeats only in these protocols.
  private let isEngineIO: Bool
  private let isSockJS: Bool

  /// `request` is nil when it is not known.
  init(_ request: HTTPHead?) {
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

  mutating func receivedPing(from side: Side, at position: StreamPosition) {
    found[index(.ping, side, isQuestion: true)].beat(at: position)
  }

  /// `after` nanoseconds from the ping.
  mutating func receivedPong(to side: Side, after: Int64) {
    found[index(.ping, side, isQuestion: true)].answer(after: after)
  }

  /// In the order in which their first ones were captured.
  var inOrder: [Heartbeat] {
    found.count < 2 ? found : found.sorted { $0.first?.packet ?? 0 < $1.first?.packet ?? 0 }
  }

  /// Returns whether it is one in this session. Which answer belongs to which question is told with `asked` and `answered`.
  mutating func received(_ text: HeartbeatText, from side: Side, at position: StreamPosition) -> Bool {
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
  mutating func asked(_ kind: HeartbeatKind, by side: Side, at time: CaptureTime) {
    if let place = find(kind, side) { found[place].ask(at: time) }
  }

  /// An answer, in the order of packets.
  mutating func answered(_ kind: HeartbeatKind, by side: Side, at time: CaptureTime) {
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
