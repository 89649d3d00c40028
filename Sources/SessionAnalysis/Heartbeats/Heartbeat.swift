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
  /// How many pongs came when a later ping was waiting for its own.
  public internal(set) var late: UInt64 = 0
  /// How many pings were answered by a pong with another payload.
  public internal(set) var mistaken: UInt64 = 0
  /// An answer may be in what was not captured, or in something that is not known to be one.
  package internal(set) var mayLackAnswers = false
  /// The time between one and the next.
  public internal(set) var intervals = Distribution()
  /// The time to the answer.
  public internal(set) var roundTrips = Distribution()
  /// The last one.
  public internal(set) var last: StreamPosition?
  /// The first one.
  public internal(set) var first: StreamPosition?
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

  /// Questions without an answer; nil where one may be in what came.
  public var unanswered: UInt64? {
    mayLackAnswers ? nil : answered.map { count &- min($0 &+ mistaken, count) }
  }

  /// Compares with what the other side came to; `beats` are its heartbeats.
  package mutating func judgeAnswers(_ peer: SideSummary, beats: some Sequence<Heartbeat>) {
    guard let answered else { return }
    mayLackAnswers = !peer.isWhole
    guard kind != .ping else { return }
    // None was recognised, and the peer said something: that may have been them.
    if answered == 0, let first, let last = peer.lastBytes, last.packet > first.packet {
      mayLackAnswers = true
    }
    // So may be any message that is no known heartbeat, where answers have many forms.
    if answersVary {
      let known = beats.reduce(answered) { $1.kind.isFrame ? $0 : $0 &+ $1.count }
      if peer.counts.messages > known { mayLackAnswers = true }
    }
  }

  /// Answers may look like other messages, or come together with them in one.
  var answersVary: Bool { kind != .ping && kind != .engineIO }

  /// They came often and regularly enough to know when the next one was due.
  var isRegular: Bool {
    intervals.count >= 2 && intervals.average >= Self.shortestInterval
      && intervals.deviation <= intervals.average / 4
  }

  /// What comes more often is no heartbeat, in nanoseconds.
  private static let shortestInterval: Int64 = 100_000_000

  /// How long after the last one they have stopped, in nanoseconds: one did not come where the protocol says when it must,
  /// elsewhere two. A little less, because what is measured of an interval is a little more than was meant.
  var stopsAfter: Int64 {
    let hundredths: Int64 =
      switch kind {
      // The server of Engine.IO 3, whose client asks, waits for 25 s + 5 s.
      case .engineIO where side == .client: 119
      // Their receivers wait for one and a half intervals, or two: Engine.IO 25 s + 20 s, SignalR 30 s for 15 s.
      case .engineIO, .signalR, .phoenix, .stomp, .mqtt: 149
      case .ping, .pong, .text, .sockJS, .graphQL: 199
      }
    return (intervals.average / 100).multipliedReportingOverflow(by: hundredths).partialValue
  }

  /// Its sender leaves them out while it has something else to send.
  var isLeftOutBesideData: Bool { kind == .signalR || kind == .stomp || kind == .mqtt }

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
