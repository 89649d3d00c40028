import PacketLayers

/// The two ends of a connection without direction: the lower end first, so that both directions have one key.
struct FlowKey: Equatable {
  let lowHigh: UInt64
  let lowLow: UInt64
  let highHigh: UInt64
  let highLow: UInt64
  /// The lower end's port in the upper half.
  let ports: UInt32

  /// `reversed`: the sender is the higher end.
  @inline(__always)
  static func of(_ segment: borrowing TCPSegment) -> (key: FlowKey, reversed: Bool) {
    of(segment.source, segment.sourcePort, segment.destination, segment.destinationPort)
  }

  /// The same from the sender's and the receiver's end.
  @inline(__always)
  static func of(
    _ a: IPAddress, _ sourcePort: UInt16, _ b: IPAddress, _ destinationPort: UInt16
  ) -> (key: FlowKey, reversed: Bool) {
    let (p, q) = (UInt32(sourcePort), UInt32(destinationPort))
    let reversed =
      a.high != b.high ? a.high > b.high : a.low != b.low ? a.low > b.low : p > q
    return reversed
      ? (
        FlowKey(lowHigh: b.high, lowLow: b.low, highHigh: a.high, highLow: a.low, ports: q &<< 16 | p),
        true
      )
      : (
        FlowKey(lowHigh: a.high, lowLow: a.low, highHigh: b.high, highLow: b.low, ports: p &<< 16 | q),
        false
      )
  }

  /// Multiply and mix: SipHash alone cost four times as much as a whole lookup. Every factor includes a random number,
  /// so that whoever made the capture can neither choose keys that collide nor make a factor zero.
  @inline(__always)
  func hash(seed: HashSeed) -> UInt64 {
    var state = Self.mix(lowLow ^ seed.first, highLow ^ seed.second)
    state = Self.mix(state ^ UInt64(ports), seed.third)
    // Zero for IPv4, but two IPv6 hosts of one network differ in the lower halves alone.
    return Self.mix(state ^ lowHigh, highHigh ^ seed.fourth)
  }

  @inline(__always)
  private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }

  /// The lower end.
  var low: Endpoint {
    Endpoint(address: IPAddress(high: lowHigh, low: lowLow), port: UInt16(truncatingIfNeeded: ports >> 16))
  }

  /// The higher end.
  var high: Endpoint {
    Endpoint(address: IPAddress(high: highHigh, low: highLow), port: UInt16(truncatingIfNeeded: ports))
  }
}
