import WireBytes

/// How a session through a proxy ended, by what was sent on both of its legs in the order of time.
public struct LegsEnding: Sendable {
  /// What was sent on a leg.
  public struct Step: Sendable {
    /// On the client's leg.
    public let isFront: Bool
    /// What.
    public let act: LegAct

    /// The proxy sent it: it is the server of the client's leg, and the client of the server's.
    public var isByProxy: Bool { (act.side == .server) == isFront }
    /// Who sent it.
    public var sender: ClosingSide { isByProxy ? .proxy : act.side == .client ? .client : .server }
  }

  /// Who began it.
  public let closedBy: ClosingSide
  /// With what.
  public let first: Step
  /// What came first on the other leg; nil as long as nothing did.
  public let second: Step?
  /// Nanoseconds between the last byte on either leg and the first step; nil before both legs have ended.
  public let idle: Int64?
  /// What led to it; nil when that is not known, and before both legs have ended.
  public let cause: Cause?
  /// The client's leg shows it, not the server's.
  public let isCauseOfFront: Bool
  /// What the proxy is, as far as its answer says.
  public let product: ProxyProduct?

  /// The second step is the Close of the first one, passed on.
  public var isPassedOn: Bool {
    guard case .close? = second?.act.kind else { return false }
    return second?.act.kind == first.act.kind && second?.act.side == first.act.side
  }

  /// The idle timeouts of proxies that are as long as nothing was sent; only if that is the cause.
  package var timeouts: [IdleTimeout] {
    guard closedBy == .proxy, case .silence? = cause, let idle else { return [] }
    return IdleTimeout.matching(idle).filter {
      $0.product != nil && (product == nil || $0.product == product)
    }
  }

  /// Whether it is so long as a timeout of a proxy may be that is not set as by default; only if that is the cause.
  package var mayBeTimeout: Bool {
    guard closedBy == .proxy, case .silence? = cause, let idle else { return false }
    return IdleTimeout.mayBeSet(idle, by: product)
  }
}

extension LegsEnding {
  /// What is known of one leg.
  struct Leg {
    var act: LegAct?
    /// The last byte before the act.
    var lastByte: CaptureTime?
    var cause: Cause?
  }

  /// Clocks of two points of capture differ, and packets of one are not always written in their order: what a proxy did within this
  /// time before it was asked to, it did because of that. In nanoseconds.
  private static let skew: Int64 = 10_000_000
  /// A silence worth mentioning, in nanoseconds.
  package static let longSilence: Int64 = 2_000_000_000

  /// Nil when nothing ended either leg.
  init?(front: Leg, back: Leg, product: ProxyProduct?, isFinal: Bool) {
    let steps = [(true, front), (false, back)].compactMap { isFront, leg in
      leg.act.map { Step(isFront: isFront, act: $0) }
    }.sorted { ($0.act.time, $0.act.packet) < ($1.act.time, $1.act.packet) }
    guard var first = steps.first else { return nil }
    var second = steps.count > 1 ? steps[1] : nil
    if let later = second, Self.isCaused(first, by: later) { (first, second) = (later, first) }
    (self.first, self.second, self.product) = (first, second, product)
    closedBy = steps.contains(where: \.act.isCrossing) ? .both : first.sender
    guard isFinal else {
      (idle, cause, isCauseOfFront) = (nil, nil, first.isFront)
      return
    }
    let start = first.act.time
    let silences = [front.lastByte, back.lastByte].compactMap { $0.map { start.nanoseconds(since: $0) } }
    idle = silences.filter { $0 >= 0 }.min()
    (cause, isCauseOfFront) = Self.cause(first, front, back, idle: idle)
  }

  /// Whether the earlier step is the proxy's, and passes on what was captured shortly after it.
  private static func isCaused(_ earlier: Step, by later: Step) -> Bool {
    guard earlier.isByProxy, !later.isByProxy, earlier.act.side == later.act.side else { return false }
    let isSame = if case .close = later.act.kind { earlier.act.kind == later.act.kind } else { false }
    return isSame || later.act.time.nanoseconds(since: earlier.act.time) <= skew
  }

  /// What the leg shows on which the end began. Silence is that of both.
  private static func cause(_ first: Step, _ front: Leg, _ back: Leg, idle: Int64?) -> (Cause?, ofFront: Bool)
  {
    let (own, other) = first.isFront ? (front, back) : (back, front)
    let isOther = own.cause == nil && first.isByProxy
    let isFront = first.isFront != isOther
    switch isOther ? other.cause : own.cause {
    case .silence(let silence, of: nil, let timeouts)?:
      guard let idle, idle >= longSilence else { return (nil, isFront) }
      return (.silence(min(idle, silence), of: nil, timeouts: timeouts), isFront)
    case let cause: return (cause, isFront)
    }
  }
}
