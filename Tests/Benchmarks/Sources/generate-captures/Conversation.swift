/// Something that puts packets into a capture, one a step, so that many of them interleave.
protocol Conversation {
  init(serial: Int, in capture: inout Capture)

  /// Writes exactly one packet. False: it was the last one.
  mutating func step(in capture: inout Capture) -> Bool
}

/// Keeps a number of conversations open: a new one begins when another has ended. The total grows with the
/// capture's length, the number that is open at one time does not.
struct ConversationPool<Member: Conversation> {
  private var open: [Member] = []
  private let capacity: Int
  private var started = 0
  private let firstSerial: Int

  /// `firstSerial` keeps the client addresses of several pools in one capture apart.
  init(capacity: Int, firstSerial: Int = 0) {
    self.capacity = capacity
    self.firstSerial = firstSerial
    open.reserveCapacity(capacity)
  }

  var isEmpty: Bool { open.isEmpty }

  mutating func step(in capture: inout Capture) {
    let mayStart = open.count < capacity && !capture.isEnding
    if mayStart, open.isEmpty || capture.random.oneIn(4) {
      open.append(Member(serial: firstSerial + started, in: &capture))
      started += 1
    }
    if open.isEmpty { return }
    let chosen = capture.random.below(open.count)
    if !open[chosen].step(in: &capture) {
      open.swapAt(chosen, open.count - 1)
      open.removeLast()
    }
  }
}

/// What the two applications on a TCP connection say to each other.
protocol TCPScript {
  /// Which server it talks to.
  static func server(random: inout SplitMix64) -> Endpoint

  init(in capture: inout Capture)

  /// Appends what is said next by one side or both at once; called when all that was said before has been
  /// sent. False: all is said, and TCP may close.
  mutating func speak(into outboxes: inout PerSide<[UInt8]>, in capture: inout Capture) -> Bool

  /// The side that closes TCP first.
  var closesFirst: Side { get }
}

/// A connection from its first SYN to the last ACK, around a script.
struct TCPConversation<Script: TCPScript>: Conversation {
  private enum Phase { case syn, synAck, ack, established, firstFin, secondFin, lastAck }

  private var phase = Phase.syn
  private var flow: TCPFlow
  private var script: Script
  private var outboxes = PerSide<[UInt8]>(client: [], server: [])
  private var sent = PerSide(client: 0, server: 0)

  init(serial: Int, in capture: inout Capture) {
    let server = Script.server(random: &capture.random)
    flow = TCPFlow(client: Endpoint(client: serial), server: server, random: &capture.random)
    script = Script(in: &capture)
    capture.counts.connections += 1
  }

  mutating func step(in capture: inout Capture) -> Bool {
    switch phase {
    case .syn:
      flow.send(from: .client, .syn, in: &capture)
      phase = .synAck
    case .synAck:
      flow.send(from: .server, [.syn, .acknowledgment], in: &capture)
      phase = .ack
    case .ack:
      flow.send(from: .client, .acknowledgment, in: &capture)
      phase = .established
    case .established:
      exchange(in: &capture)
    case .firstFin:
      flow.send(from: script.closesFirst, [.fin, .acknowledgment], in: &capture)
      phase = .secondFin
    case .secondFin:
      flow.send(from: script.closesFirst.other, [.fin, .acknowledgment], in: &capture)
      phase = .lastAck
    case .lastAck:
      flow.send(from: script.closesFirst, .acknowledgment, in: &capture)
      return false
    }
    return true
  }

  /// A segment, an acknowledgment, or the first FIN when all is said.
  private mutating func exchange(in capture: inout Capture) {
    // Every second segment is acknowledged at once, as RFC 9293 §3.8.6.3 wants it.
    for side in [Side.client, .server] where flow.unacknowledged[side] >= 2 {
      flow.send(from: side, .acknowledgment, in: &capture)
      return
    }
    if !hasUnsent(.client) && !hasUnsent(.server) {
      // A single one only when the delayed acknowledgment's time has run out before an answer came.
      for side in [Side.client, .server] where flow.unacknowledged[side] == 1 && capture.random.oneIn(3) {
        flow.send(from: side, .acknowledgment, in: &capture)
        return
      }
      guard hearScript(in: &capture) else {
        phase = .firstFin
        _ = step(in: &capture)
        return
      }
    }
    let side = capture.random.side()
    sendSegment(from: hasUnsent(side) ? side : side.other, in: &capture)
  }

  private func hasUnsent(_ side: Side) -> Bool { sent[side] < outboxes[side].count }

  private mutating func hearScript(in capture: inout Capture) -> Bool {
    sent = PerSide(client: 0, server: 0)
    outboxes.client.removeAll(keepingCapacity: true)
    outboxes.server.removeAll(keepingCapacity: true)
    return script.speak(into: &outboxes, in: &capture)
  }

  private mutating func sendSegment(from side: Side, in capture: inout Capture) {
    let end = min(sent[side] + TCPFlow.maximumSegmentSize, outboxes[side].count)
    let flags: TCPFlags = end == outboxes[side].count ? [.push, .acknowledgment] : .acknowledgment
    flow.send(from: side, flags, payload: outboxes[side][sent[side]..<end], in: &capture)
    sent[side] = end
  }
}
