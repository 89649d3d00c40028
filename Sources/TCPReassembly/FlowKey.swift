import PacketLayers

/// One end of a connection.
public struct Endpoint: Hashable, Sendable {
  /// Its address.
  public var address: IPAddress
  /// Its TCP port.
  public var port: UInt16

  /// An end from its parts.
  @inlinable
  public init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }
}

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

  /// Multiply and mix: SipHash alone cost four times a whole lookup. A random number stands in every factor,
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

/// What makes hashes differ from run to run.
public struct HashSeed: Sendable {
  let first: UInt64
  let second: UInt64
  /// Odd: multiplying by it loses nothing.
  let third: UInt64
  let fourth: UInt64

  /// Four numbers from one (SplitMix64).
  public init(_ seed: UInt64) {
    func number(_ index: UInt64) -> UInt64 {
      var mixed = seed &+ index &* 0x9E37_79B9_7F4A_7C15
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
    (first, second, third, fourth) = (number(1), number(2), number(3) | 1, number(4))
  }
}
