import PacketLayers
import WireBytes

/// How a connection begins and ends: SYN, FIN, RST, and what comes after its end.
extension Connection {
  /// What a segment that has a SYN or a RST, or comes after one or after the end, asks for.
  enum ControlOutcome: Equatable {
    /// It is taken as any other segment.
    case goesOn
    /// Nothing more is done with it.
    case isDone
    /// It ended the connection.
    case isReset
    /// It begins another connection between the same ends. `sharesStream`: Wireshark gives that the same number.
    case beginsAnother(sharesStream: Bool)
  }

  /// Whether a segment shows that a connection with a doubtful end is over.
  func isDoubtlesslyOver(after segment: TCPSegment) -> Bool {
    state == .doubtful && !segment.flags.isDisjoint(with: [.syn, .rst])
  }

  /// SYN, RST, and whatever comes for a connection that is over.
  mutating func receiveControl(
    _ segment: TCPSegment, _ context: SegmentContext, _ shared: inout ReassemblyResources
  ) -> ControlOutcome {
    if state == .doubtful { return receiveAfterDoubtfulReset(segment, context, &shared) }
    if segment.flags.contains(.syn) && !segment.flags.contains(.rst) {
      return receiveSyn(segment, context, &shared)
    }
    if state == .closed {
      guard segment.payloadLength > 0 else { return .isDone }
      if isOfAnother(segment, context, shared) { return .beginsAnother(sharesStream: false) }
      shared.counts.afterEnd += 1
      return .isDone
    }
    return segment.flags.contains(.rst) ? receiveReset(segment, context, &shared) : .goesOn
  }

  // MARK: Where the streams begin

  /// Remembers which SYN belongs to the first packet of a direction, in case that SYN is captured late.
  mutating func noteInitialSequence(_ segment: TCPSegment, _ direction: FlowDirection) {
    guard !halves[direction.rawValue].hasInitialSequence else { return }
    // `receiveSyn` and `synchronize` ask first whether there was a packet before.
    if segment.flags.contains(.syn) && !segment.flags.contains(.rst) { return }
    if segment.payloadLength > 0 || segment.cutBytes > 0 || segment.flags.contains(.fin) { return }
    halves[direction.rawValue].setInitialSequence(segment.sequence &- 1)
    noteInitialSequence(acknowledgedBy: segment, direction)
  }

  private mutating func noteInitialSequence(
    acknowledgedBy segment: TCPSegment, _ direction: FlowDirection
  ) {
    let other = direction.opposite.rawValue
    guard segment.flags.contains(.ack), !halves[other].hasInitialSequence else { return }
    halves[other].setInitialSequence(segment.acknowledgment &- 1)
  }

  /// The first byte, or the FIN, of a direction whose SYN was not captured has this number.
  mutating func synchronize(
    _ segment: TCPSegment, at sequence: UInt32, _ direction: FlowDirection
  ) {
    let index = direction.rawValue
    let start = halves[index].start(
      firstSegmentAt: sequence, length: segment.payloadLength &+ segment.cutBytes)
    if !halves[index].hasInitialSequence {
      halves[index].setInitialSequence(sequence &- 1)
      noteInitialSequence(acknowledgedBy: segment, direction)
    }
    halves[index].synchronize(at: start)
  }

  // MARK: SYN

  /// Another initial number between the same ends is another connection. Wireshark counts so, too, unless it comes
  /// in a SYN+ACK.
  private mutating func receiveSyn(
    _ segment: TCPSegment, _ context: SegmentContext, _ shared: inout ReassemblyResources
  ) -> ControlOutcome {
    let index = context.direction.rawValue
    let isAnswer = segment.flags.contains(.ack)
    let isFirst = !halves[index].hasInitialSequence
    let isSame = !isFirst && halves[index].initialSequence == segment.sequence

    if state == .closed {
      if isAnswer ? isSame || answersSyn(segment, context) : isSame && wasUsed { return .isDone }
      // The SYN that was refused with a RST is sent once more.
      // To Wireshark, a side without a packet has no number that could differ.
      return .beginsAnother(sharesStream: isAnswer || isSame || isFirst)
    }
    if isSame {
      if halves[index].sawSyn { return .goesOn }
      if sharesStream && !isAnswer { (stream, sharesStream) = (shared.nextStream(), false) }
    } else if !isFirst {
      guard isAnswer && answersSyn(segment, context) else { return .beginsAnother(sharesStream: isAnswer) }
      // A second answer to one SYN: the client takes the first one.
      if halves[index].sawSyn || halves[index].isSynchronized { return .isDone }
    }
    takeSyn(segment, context.direction)
    return .goesOn
  }

  /// A direction begins with this SYN.
  mutating func takeSyn(_ segment: TCPSegment, _ direction: FlowDirection) {
    let index = direction.rawValue
    halves[index].sawSyn = true
    halves[index].setInitialSequence(segment.sequence)
    if !halves[index].isSynchronized { halves[index].synchronize(at: segment.sequence &+ 1) }
    noteInitialSequence(acknowledgedBy: segment, direction)
  }

  /// Whether a SYN+ACK acknowledges the SYN that is known of the other side.
  private func answersSyn(_ segment: TCPSegment, _ context: SegmentContext) -> Bool {
    let other = context.direction.opposite.rawValue
    return halves[other].sawSyn && halves[other].initialSequence == segment.acknowledgment &- 1
  }

  /// Whether bytes were sent, or a FIN.
  private var wasUsed: Bool {
    halves[0].offset > 0 || halves[0].sawFin || halves[1].offset > 0 || halves[1].sawFin
  }

  /// Long after the end of a connection, bytes far from where it was are those of one whose SYN was not captured.
  private func isOfAnother(
    _ segment: TCPSegment, _ context: SegmentContext, _ shared: ReassemblyResources
  ) -> Bool {
    let half = halves[context.direction.rawValue]
    guard half.hasInitialSequence, !segment.flags.contains(.rst),
      context.time.nanoseconds(since: lastSeen) > shared.limits.lingerTime
    else { return false }
    let last = half.isSynchronized ? half.next : half.initialSequence
    return abs(sequenceDistance(segment.sequence, from: last)) > HalfStream.largestWindow
  }

  // MARK: Connections that do not come about

  /// What a SYN that is sent again, or a RST that answers one, says of a connection; nil for anything else.
  func failure(_ segment: TCPSegment, _ context: SegmentContext) -> FailedConnection? {
    guard state == .open, token == nil, halves[0].sawSyn, !halves[1].sawSyn, !halves[0].sawFin else {
      return nil
    }
    let isReset = segment.flags.contains(.rst) && context.direction == .fromResponder
    let isAgain =
      context.direction == .fromInitiator && segment.flags.isDisjoint(with: [.ack, .rst])
      && segment.flags.contains(.syn) && segment.sequence == halves[0].initialSequence
      && context.time.nanoseconds(since: context.previousTime) >= Self.shortestRepetition
    guard isReset || isAgain else { return nil }
    return FailedConnection(
      initiator: isReversed ? key.high : key.low, responder: isReversed ? key.low : key.high,
      syns: isReset ? 1 : 2, firstPacket: context.previousPacket, firstTime: context.previousTime,
      lastPacket: context.packet, lastTime: context.time, isRefused: isReset)
  }

  /// A SYN is sent again after a second, or a fifth of one; sooner it is a copy of the capture. In nanoseconds.
  private static let shortestRepetition: Int64 = 100_000_000

  // MARK: RST

  private mutating func receiveReset(
    _ segment: TCPSegment, _ context: SegmentContext, _ shared: inout ReassemblyResources
  ) -> ControlOutcome {
    let half = halves[context.direction.rawValue]
    if half.isFarFromReset(segment.sequence) {
      shared.counts.invalidResets += 1
      return .isDone
    }
    if half.isPlaceOfReset(segment.sequence) { return .isReset }
    // RFC 5961 §3.2: its receiver asks back instead of ending. What was not captured may explain the number; if the
    // connection goes on, it was forged.
    (state, resetBy) = (.doubtful, context.direction)
    (lastPacket, lastSeen) = (context.packet, context.time)
    return .isDone
  }

  /// A segment after a RST that may not have counted. If the connection goes on, the RST was not valid.
  private mutating func receiveAfterDoubtfulReset(
    _ segment: TCPSegment, _ context: SegmentContext, _ shared: inout ReassemblyResources
  ) -> ControlOutcome {
    guard segment.payloadLength > 0 else { return .isDone }
    // What the other side had sent before it received the RST proves nothing.
    let wait = context.time.nanoseconds(since: lastSeen)
    let ahead = sequenceDistance(segment.sequence, from: halves[context.direction.rawValue].next)
    guard context.direction == resetBy || wait > Self.timeOfFlight, HalfStream.isNear(ahead) else {
      shared.counts.afterEnd += 1
      return .isDone
    }
    state = .open
    shared.counts.invalidResets += 1
    return .goesOn
  }

  /// How long segments may be on their way after their connection was reset, in nanoseconds.
  private static let timeOfFlight: Int64 = 1_000_000_000

  // MARK: FIN

  mutating func receiveFin(
    _ segment: TCPSegment, _ context: SegmentContext, _ shared: inout ReassemblyResources,
    into sink: any ReassemblySink
  ) {
    let index = context.direction.rawValue
    guard state == .open, !halves[index].sawFin else { return }
    if isIgnored {
      halves[index].takeIgnoredFin()
    } else {
      let length = UInt32(truncatingIfNeeded: segment.payloadLength &+ segment.cutBytes)
      let sequence = segment.sequence &+ length &+ (segment.flags.contains(.syn) ? 1 : 0)
      if !halves[index].isSynchronized { synchronize(segment, at: sequence, context.direction) }
      guard halves[index].isPlaceOfFin(sequence) else {
        shared.counts.outOfWindow += 1
        return
      }
      halves[index].takeFin(sequence, in: context.packet, at: context.time)
    }
    firstFin = firstFin ?? context.direction
    finishIfComplete(context, into: sink)
  }

  /// A direction is finished when all before its FIN was delivered or lost.
  mutating func finishIfComplete(_ context: SegmentContext, into sink: any ReassemblySink) {
    let index = context.direction.rawValue
    guard halves[index].sawFin else { return }
    finish(context, into: sink)
    // Nobody waits for the bytes before the other FIN.
    if isIgnored { finish(context.ofPeer, into: sink) }
  }

  private mutating func finish(_ context: SegmentContext, into sink: any ReassemblySink) {
    let index = context.direction.rawValue
    guard halves[index].isComplete(isIgnored: isIgnored) else { return }
    var origin = context
    if let fin = halves[index].pending?.fin { (origin.packet, origin.time) = fin }
    // Nothing waits: whatever came before the FIN was delivered, and nothing comes after it.
    halves[index].finish()
    if let token, !isIgnored {
      sink.finished(origin.direction, token, at: origin.position(halves[index].offset))
    }
  }

  // MARK: The end

  /// The connection is over: what waits is delivered, and what is missing before that is lost. Returns how it ended as the
  /// sink is told, which differs from `how` where a RST or both FINs came before.
  mutating func end(
    _ how: ConnectionEnd, by direction: FlowDirection?, packet: UInt64, time: CaptureTime,
    _ shared: inout ReassemblyResources, into sink: any ReassemblySink
  ) -> (how: ConnectionEnd, by: FlowDirection?, position: StreamPosition) {
    var (how, direction, packet, time) = (how, direction, packet, time)
    if state == .doubtful { (how, direction, packet, time) = (.rst, resetBy, lastPacket, lastSeen) }
    // The FIN that came first is reported first: it began the end.
    let context = SegmentContext(direction: firstFin ?? .fromInitiator, packet: packet, time: time)
    flush(context, &shared, into: sink)
    flush(context.ofPeer, &shared, into: sink)
    // Both FINs were there, they only waited for bytes that never came.
    if how != .rst && isFinished { (how, direction) = (.fin, firstFin) }
    state = .closed
    return (how, direction, context.position(halves[0].offset))
  }

  /// Delivers all that waits in one direction. The gaps in it are lost, and so is what is known to follow:
  /// bytes that the receiver acknowledged, and all before a FIN.
  private mutating func flush(
    _ context: SegmentContext, _ shared: inout ReassemblyResources, into sink: any ReassemblySink
  ) {
    let index = context.direction.rawValue
    while let first = halves[index].pending?.firstOffset {
      lose(before: first, context, into: sink)
      drain(context, &shared, into: sink)
    }
    if let end = halves[index].finOffset {
      lose(before: end, context, into: sink)
      finish(context, into: sink)
    } else if halves[index].acknowledgedAhead < HalfStream.farthestAcknowledgment {
      lose(before: halves[index].acknowledgedOffset, context, into: sink)
    }
    halves[index].pending = nil
  }
}
