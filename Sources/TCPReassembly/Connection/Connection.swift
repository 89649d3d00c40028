import PacketLayers
import WireBytes

/// One TCP connection (RFC 9293): its state and its two directions.
///
/// It takes segments in the order of the capture, hands their bytes to the sink in the order of the stream, and says when it
/// is over. It knows nothing of other connections but `ReassemblyResources`.
struct Connection: ~Copyable {
  enum State: UInt8 {
    /// Forgotten: there is no connection here.
    case free
    case open
    /// A RST came that its receiver may have ignored.
    case doubtful
    case closed
  }

  // What nearly every segment touches comes first, `halves` included.

  let key: FlowKey
  var state = State.open
  /// The initiator is the higher end of the key.
  let isReversed: Bool
  /// The sink's name for it; nil until a payload byte comes.
  var token: UInt32?
  /// The sink wants no more of it.
  private(set) var isIgnored = false
  /// No segment may take the short way: the connection is ignored, or `history` wants to see them all.
  private var needsCare = false
  var firstFin: FlowDirection?
  /// Who sent the RST of a doubtful end; it came with `lastPacket`.
  var resetBy = FlowDirection.fromInitiator
  /// The SYN was not captured, so that it has the stream number of the connection before it between these ends.
  var sharesStream = false
  /// Its last packet, and when that was captured.
  var lastPacket: UInt64
  var lastSeen: CaptureTime
  /// By `FlowDirection`.
  var halves: InlineArray<2, HalfStream> = [HalfStream(), HalfStream()]
  /// Its place in the order of first packets.
  var stream: UInt64
  /// Made when something is sent twice, comes out of order, or has to wait for room.
  private(set) var history: RetransmissionHistory?
  /// Whether anything was noted of what its segments did.
  var hasHistory: Bool { history != nil }

  /// A connection that begins with `segment`. `isReversed`: the segment's sender is the higher end of the key.
  init(
    _ key: FlowKey, isReversed: Bool, beginsWith segment: TCPSegment, stream: UInt64,
    packet: UInt64,
    time: CaptureTime
  ) {
    self.key = key
    // A SYN+ACK as first packet comes from the end that accepted.
    let fromResponder = segment.flags.isSuperset(of: [.syn, .ack])
    self.isReversed = fromResponder ? !isReversed : isReversed
    self.stream = stream
    (lastPacket, lastSeen) = (packet, time)
  }

  /// Its end was not reported so far.
  var isOpen: Bool { state == .open || state == .doubtful }

  /// Both directions came to their FIN.
  var isFinished: Bool { halves[0].isFinished && halves[1].isFinished }

  // MARK: The short way

  /// Where the payload of a segment in its turn belongs.
  struct Place {
    var token: UInt32
    var offset: UInt64
    /// What the segment acknowledges of the other direction, as an offset of that stream; nil without payload.
    var peerAcknowledged: UInt64?
    /// The segment has a payload.
    var isData: Bool
    /// All that it acknowledges of the other direction was delivered.
    var peerIsDelivered: Bool
  }

  /// Takes a segment that needs nothing special: data in its turn, or an acknowledgment, of an open connection in
  /// which nothing waits. Nil, and nothing is changed, when it may need more.
  @inline(__always)
  mutating func takeInTurn(
    _ segment: UnsafePointer<TCPSegment>, _ count: Int, _ direction: FlowDirection, packet: UInt64,
    time: CaptureTime
  ) -> Place? {
    let (index, other) = (direction.rawValue, 1 &- direction.rawValue)
    let special: TCPFlags = [.syn, .fin, .rst]
    let (flags, cutBytes) = unsafe (segment.pointee.flags, segment.pointee.cutBytes)
    let (sequence, acknowledgment) = unsafe (segment.pointee.sequence, segment.pointee.acknowledgment)
    let window = unsafe segment.pointee.window
    guard state == .open,
      flags.rawValue & (special.rawValue | TCPFlags.ack.rawValue) == TCPFlags.ack.rawValue,
      cutBytes == 0, window != 0, let token, !needsCare,
      halves[index].isSynchronized, halves[index].hasInitialSequence, !halves[index].sawFin,
      halves[0].pending == nil, halves[1].pending == nil,
      // A keep-alive probe without a byte has the number before the next one.
      sequence == halves[index].next || count == 0 && sequence &+ 1 != halves[index].next
    else { return nil }
    lastPacket = packet
    lastSeen = time
    guard count > 0 else {
      halves[other].acknowledge(acknowledgment)
      return Place(token: token, offset: 0, peerAcknowledged: nil, isData: false, peerIsDelivered: true)
    }
    let place = Place(
      token: token, offset: halves[index].offset, peerAcknowledged: halves[other].offset(of: acknowledgment),
      isData: true, peerIsDelivered: halves[other].hasDelivered(before: acknowledgment))
    halves[index].advance(count)
    halves[other].acknowledge(acknowledgment)
    return place
  }

  // MARK: The long way

  /// Takes a segment that is not in its turn, comes while others wait, or ends something. SYN and RST were looked at
  /// before (`receiveControl`).
  mutating func receive(
    _ segment: TCPSegment, _ payload: Span<UInt8>, _ context: SegmentContext,
    _ shared: inout ReassemblyResources, into sink: any ReassemblySink
  ) {
    var context = context
    (lastPacket, lastSeen) = (context.packet, context.time)
    if segment.flags.contains(.ack) {
      let other = context.direction.opposite.rawValue
      halves[other].acknowledge(segment.acknowledgment)
      context.peerAcknowledged = halves[other].offset(of: segment.acknowledgment)
    }
    if segment.window == 0 || history != nil { judgeWindow(segment.window, context, &shared, into: sink) }
    if payload.count > 0 || segment.cutBytes > 0 {
      receivePayload(segment, payload, context, &shared, into: sink)
    }
    if payload.count == 0, segment.cutBytes == 0, isEmptyProbe(segment, context.direction) {
      noteKeepAlive(context, &shared, into: sink)
    }
    if segment.flags.contains(.fin) { receiveFin(segment, context, &shared, into: sink) }
    // Any segment of a connection may be the one after which the grace of its gaps is over.
    let fromInitiator = context.direction == .fromInitiator ? context : context.ofPeer
    judgeGaps(fromInitiator, &shared, into: sink)
    judgeGaps(fromInitiator.ofPeer, &shared, into: sink)
  }

  /// The sink's name for the connection, which is asked for when the first byte comes.
  mutating func openToken(into sink: any ReassemblySink) -> UInt32 {
    if let token { return token }
    let opened = sink.opened(
      ConnectionInfo(
        stream: stream, initiator: isReversed ? key.high : key.low,
        responder: isReversed ? key.low : key.high,
        sawStart: halves[0].sawSyn || halves[1].sawSyn, initialSequences: initialSequences))
    token = opened
    return opened
  }

  private var initialSequences: ConnectionInfo.InitialSequences? {
    guard halves[0].sawSyn, halves[1].sawSyn else { return nil }
    return ConnectionInfo.InitialSequences(
      initiator: halves[0].initialSequence, responder: halves[1].initialSequence)
  }

  /// Nothing more of the connection is of interest to the sink, except its end.
  mutating func ignore(_ shared: inout ReassemblyResources) {
    isIgnored = true
    needsCare = true
    forgetHistory(&shared)
    dropPending(&shared)
  }

  /// What waits is not delivered any more.
  mutating func dropPending(_ shared: inout ReassemblyResources) {
    for index in 0..<2 {
      if let pending = halves[index].pending { shared.pendingCharge -= pending.charge }
      halves[index].pending = nil
    }
  }

  // MARK: What is kept of retransmissions

  mutating func makeHistory() -> RetransmissionHistory {
    if let history { return history }
    let made = RetransmissionHistory()
    history = made
    return made
  }

  mutating func forgetHistory(_ shared: inout ReassemblyResources) {
    if history?.isRetaining ?? false { shared.retaining -= 1 }
    history = nil
  }

  /// From now on what is delivered is kept for a while.
  mutating func retain(_ shared: inout ReassemblyResources) {
    let history = makeHistory()
    guard !history.isRetaining, shared.retaining < RetransmissionHistory.retainingLimit, !isIgnored else {
      return
    }
    history.isRetaining = true
    shared.retaining += 1
    needsCare = true
  }

  /// Tells the sink, if it wants to hear of it and knows the connection.
  func note(
    _ note: TransportNote, _ context: SegmentContext, _ shared: ReassemblyResources,
    into sink: any ReassemblySink
  ) {
    guard shared.observesTransport, let token, !isIgnored else { return }
    sink.noted(
      note, context.direction, token, at: context.position(halves[context.direction.rawValue].offset))
  }

  /// An acknowledgment with a window of zero, or one that may come after such a window.
  private mutating func judgeWindow(
    _ window: UInt16, _ context: SegmentContext, _ shared: inout ReassemblyResources,
    into sink: any ReassemblySink
  ) {
    if isIgnored { return }
    let sender = context.ofPeer
    let half = halves[sender.direction.rawValue]
    let closed = history?[sender.direction].windowClosed
    if window == 0, closed == nil, half.isSynchronized {
      // What was sent beyond the acknowledgment found no room.
      let offset = half.acknowledgedOfDelivered
      makeHistory()[sender.direction].windowClosed = (context.time, context.packet, context.time, offset)
      needsCare = true
      shared.counts.zeroWindows += 1
      note(.windowClosed(offset..<half.offset &+ 1), sender, shared, into: sink)
    } else if window == 0 {
      history?[sender.direction].windowClosed?.last = context.time
    } else if let closed {
      let history = makeHistory()
      history[sender.direction].windowClosed = nil
      needsCare = history.needsCare
      note(
        .windowOpened(
          min(closed.offset, half.offset)..<half.offset &+ 1,
          after: context.time.nanoseconds(since: closed.time)), sender, shared, into: sink)
    }
  }

  // MARK: Keep-alive

  /// A keep-alive probe without a byte (RFC 9293 §3.8.4), as Linux sends them: the number before the next one, and all
  /// bytes are acknowledged. Before a closed window it asks for room instead.
  private func isEmptyProbe(_ segment: TCPSegment, _ direction: FlowDirection) -> Bool {
    let half = halves[direction.rawValue]
    return segment.flags.isDisjoint(with: [.syn, .fin, .rst]) && !isIgnored
      && half.isSynchronized && !half.sawFin && segment.sequence &+ 1 == half.next
      && half.isAcknowledged && half.acknowledgedAhead == 0 && half.offset > 0
      && history?[direction].windowClosed == nil
  }

  /// A keep-alive probe came, with a byte or without. One that follows another at once is its copy: nobody probes so often.
  mutating func noteKeepAlive(
    _ context: SegmentContext, _ shared: inout ReassemblyResources, into sink: any ReassemblySink
  ) {
    shared.counts.keepAlives += 1
    makeHistory()[context.direction].noteProbe(
      in: context.packet, at: context.time, previous: (context.previousPacket, context.previousTime))
    note(.keepAlive, context, shared, into: sink)
  }

  /// The last keep-alive probes of a direction, if nothing came after them.
  func unansweredProbes(_ direction: FlowDirection) -> UnansweredProbes? {
    history?[direction].unansweredProbes(ifLast: lastPacket)
  }

  /// When the last keep-alive probe of a direction came.
  func lastProbe(_ direction: FlowDirection) -> CaptureTime? { history?[direction].timeOfLastProbe }

  /// The window for a direction, if it was zero to the end.
  func closedWindow(_ direction: FlowDirection, at end: CaptureTime) -> ClosedWindow? {
    history?[direction].windowClosed.map {
      ClosedWindow(
        time: end.nanoseconds(since: $0.time), confirmed: $0.last.nanoseconds(since: $0.time),
        packet: $0.packet)
    }
  }

  /// What one side sent and nobody acknowledged.
  func unconfirmed(_ direction: FlowDirection) -> UnconfirmedBytes? {
    let half = halves[direction.rawValue]
    let bytes = UInt64(max(0, -half.acknowledgedAhead))
    guard bytes > 0, bytes <= half.offset else { return nil }
    let (count, time) = history?[direction].repetitions(at: half.offset &- bytes) ?? (0, 0)
    return UnconfirmedBytes(
      bytes: bytes, repetitions: count, time: time, offset: half.offset &- bytes)
  }
}
