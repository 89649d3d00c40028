/// The TCP of one connection as a capture beside it sees it: nothing lost, nothing out of order.
struct TCPFlow {
  static let maximumSegmentSize = 1448

  private let endpoints: PerSide<Endpoint>
  private var sequence: PerSide<UInt32>
  private var timestampOffset: PerSide<UInt32>
  private var lastTimestamp = PerSide<UInt32>(client: 0, server: 0)
  /// Segments that this side has received and not yet acknowledged.
  private(set) var unacknowledged = PerSide(client: 0, server: 0)

  init(client: Endpoint, server: Endpoint, random: inout SplitMix64) {
    endpoints = PerSide(client: client, server: server)
    sequence = PerSide(
      client: UInt32(truncatingIfNeeded: random.next()), server: UInt32(truncatingIfNeeded: random.next()))
    timestampOffset = PerSide(
      client: UInt32(truncatingIfNeeded: random.next()), server: UInt32(truncatingIfNeeded: random.next()))
  }

  mutating func send(
    from side: Side, _ flags: TCPFlags, payload: ArraySlice<UInt8> = [], in capture: inout Capture
  ) {
    let timestamp = timestampOffset[side] &+ UInt32(truncatingIfNeeded: capture.microseconds / 1000)
    capture.tcp(
      from: endpoints[side], to: endpoints[side.other],
      PacketHeaders.TCPFields(
        sequence: sequence[side],
        acknowledgment: flags.contains(.acknowledgment) ? sequence[side.other] : 0,
        flags: flags, timestamp: timestamp, echoedTimestamp: lastTimestamp[side.other]),
      payload: payload)

    lastTimestamp[side] = timestamp
    unacknowledged[side] = 0
    if !payload.isEmpty { unacknowledged[side.other] += 1 }
    let takesNumber = flags.contains(.syn) || flags.contains(.fin)
    sequence[side] &+= UInt32(payload.count) + (takesNumber ? 1 : 0)
  }
}
