import PacketLayers
import WireBytes

@testable import TCPReassembly

/// A sink that writes everything down, and checks what every sink may rely on.
final class Recorder: ReassemblySink {
  /// One direction of one connection.
  struct Stream {
    var bytes: [UInt8] = []
    /// The stream offset of each of `bytes`.
    var offsets: [UInt64] = []
    /// The packet of each of `bytes`.
    var packets: [UInt64] = []
    /// The capture time of each of `bytes`, in nanoseconds.
    var times: [Int64] = []
    /// What each of `bytes` was sent after having acknowledged of the other stream.
    var acknowledged: [UInt64?] = []
    /// Gaps as they were reported.
    var gaps: [Range<UInt64>] = []
    var isFinished = false
    /// Delivered and lost so far.
    var end: UInt64 = 0

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var lost: UInt64 { gaps.reduce(0) { $0 + UInt64($1.count) } }
  }

  struct Connection {
    var info: ConnectionInfo
    var client = Stream()
    var server = Stream()
    var end: ConnectionEnd?
    var endedBy: FlowDirection?
    var endPosition: StreamPosition?
    var conflicts: [StreamPosition] = []
    var notes: [(note: TransportNote, direction: FlowDirection, position: StreamPosition)] = []
    var endings: [FlowDirection: DirectionEnding] = [:]
    var bytesBeforeStart: UInt64 = 0
    var isIgnored = false
    /// Who lost bytes, and whose direction was finished, in that order.
    var order: [String] = []
  }

  /// Connections that did not come about.
  private(set) var failures: [FailedConnection] = []
  /// In the order in which they were opened.
  private(set) var connections: [Connection] = []
  /// What no sink should see. Empty, or the reassembler is wrong.
  private(set) var violations: [String] = []
  /// A connection is ignored from this many calls of `received` on.
  var ignoresAfter = Int.max
  private(set) var receivedCalls = 0
  /// Connections with these ports of the initiator carry sessions.
  var sessionPorts: Set<UInt16> = []
  /// Missing bytes are waited for.
  var waits = true
  /// Tokens are used again at once, as a sink with slots does.
  private var slots: [Int?] = []
  private var freeTokens: [UInt32] = []

  var openTokens: Int { slots.count { $0 != nil } }

  func opened(_ connection: ConnectionInfo) -> UInt32 {
    connections.append(Connection(info: connection))
    if let free = freeTokens.popLast() {
      slots[Int(free)] = connections.count - 1
      return free
    }
    slots.append(connections.count - 1)
    return UInt32(slots.count - 1)
  }

  /// How many payloads came with a mark.
  private(set) var marked = 0

  func received(
    _ bytes: Span<UInt8>, _ context: DeliveryContext, _ mark: PayloadMark, _ direction: FlowDirection,
    _ token: UInt32
  ) -> Bool {
    let (position, acknowledged) = (context.position, context.peerAcknowledged)
    if mark != .none {
      check(mark == .of(bytes), "another payload than the one that was marked")
      marked += 1
    }
    guard let index = index(token, "received") else { return true }
    check(!connections[index].isIgnored, "received after it was ignored")
    check(bytes.count > 0, "received nothing")
    receivedCalls += 1
    change(index, direction) { stream in
      check(position.offset == stream.end, "received \(position.offset), expected \(stream.end)")
      check(!stream.isFinished, "received after finished")
      for offset in bytes.indices {
        stream.bytes.append(bytes[offset])
        stream.offsets.append(position.offset + UInt64(offset))
        stream.packets.append(position.packet)
        stream.times.append(position.time.nanoseconds)
        stream.acknowledged.append(acknowledged)
      }
      stream.end = position.offset + UInt64(bytes.count)
    }
    connections[index].isIgnored = receivedCalls >= ignoresAfter
    return !connections[index].isIgnored
  }

  func waitsForMissingBytes(_ token: UInt32) -> Bool { waits }

  func carriesSession(_ token: UInt32) -> Bool {
    guard let index = index(token, "asked") else { return false }
    return sessionPorts.contains(connections[index].info.initiator.port)
  }

  func lost(
    _ bytes: UInt64, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition
  ) {
    guard let index = index(token, "lost") else { return }
    check(!connections[index].isIgnored, "lost after it was ignored")
    check(bytes > 0, "lost nothing")
    connections[index].order.append("\(direction) lost \(bytes)")
    change(index, direction) { stream in
      check(position.offset == stream.end, "lost \(position.offset), expected \(stream.end)")
      check(!stream.isFinished, "lost after finished")
      stream.end = position.offset + bytes
      stream.gaps.append(position.offset..<stream.end)
    }
  }

  func finished(_ direction: FlowDirection, _ token: UInt32, at position: StreamPosition) {
    guard let index = index(token, "finished") else { return }
    connections[index].order.append("\(direction) finished")
    check(!connections[index].isIgnored, "finished after it was ignored")
    change(index, direction) { stream in
      check(!stream.isFinished, "finished twice")
      check(position.offset == stream.end, "finished at \(position.offset), expected \(stream.end)")
      stream.isFinished = true
    }
  }

  func closed(
    _ how: ConnectionEnd, by direction: FlowDirection?, _ token: UInt32, at position: StreamPosition
  ) {
    guard let index = index(token, "closed") else { return }
    connections[index].end = how
    connections[index].endedBy = direction
    connections[index].endPosition = position
    slots[Int(token)] = nil
    freeTokens.append(token)
  }

  func failed(_ connection: FailedConnection) { failures.append(connection) }

  func retransmissionConflict(
    _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition
  ) {
    guard let index = index(token, "conflict") else { return }
    connections[index].conflicts.append(position)
  }

  func cameBeforeStart(
    _ bytes: UInt64, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition
  ) {
    guard let index = index(token, "before start") else { return }
    connections[index].bytesBeforeStart += bytes
  }

  func noted(
    _ note: TransportNote, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition
  ) {
    guard let index = index(token, "note") else { return }
    connections[index].notes.append((note, direction, position))
  }

  func ending(_ ending: DirectionEnding, _ direction: FlowDirection, _ token: UInt32) {
    guard let index = index(token, "ending") else { return }
    connections[index].endings[direction] = ending
  }

  private func index(_ token: UInt32, _ call: String) -> Int? {
    let index = Int(token) < slots.count ? slots[Int(token)] : nil
    check(index != nil, "\(call) with a token that is not open")
    return index
  }

  private func check(_ condition: Bool, _ text: @autoclosure () -> String) {
    if !condition { violations.append(text()) }
  }

  private func change(_ index: Int, _ direction: FlowDirection, _ body: (inout Stream) -> Void) {
    if direction == .fromInitiator {
      body(&connections[index].client)
    } else {
      body(&connections[index].server)
    }
  }
}

extension PayloadMark {
  /// Tells a payload from its parts.
  static func of(_ payload: Span<UInt8>) -> PayloadMark {
    var sum = UInt8(truncatingIfNeeded: payload.count)
    for index in payload.indices { sum = sum &* 31 &+ payload[index] }
    return PayloadMark(sum | 1)
  }
}
