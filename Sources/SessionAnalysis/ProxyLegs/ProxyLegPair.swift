import WireBytes

/// Two sessions that are the legs of one around a proxy, and how their messages compare.
final class ProxyLegPair {
  let front: UInt64
  let back: UInt64
  var basis: LegComparison.Basis
  private(set) var client: LegAlignment
  private(set) var server: LegAlignment
  private var openLegs = 2
  private var isWhole = true
  private var lostBytes: UInt64 = 0
  private var frontLeg = LegsEnding.Leg()
  private var backLeg = LegsEnding.Leg()
  /// What the proxy changed in the handshake; empty where one of them is not known any more.
  private(set) var handshakeDifferences: [HandshakeDifference] = []
  private var product: ProxyProduct?
  /// The leg that ended first says that the other one tells how both ended.
  private var isPromised = false
  /// The one handshake encloses the other; nil if that is not known.
  private var isNested: Bool?
  /// The proxy's address is on both legs, or it says for whom it asks.
  private let areLinked: Bool

  init(front: ProxyLegCandidate, back: ProxyLegCandidate, basis: LegComparison.Basis) {
    (self.front, self.back, self.basis) = (front.session, back.session, basis)
    areLinked =
      front.server.address == back.client.address
      || !back.forwardedFor.isEmpty && back.forwardedFor.contains(front.clientName)
    let mayStartLate = front.startsLate || back.startsLate
    client = LegAlignment(side: .client, mayStartLate: mayStartLate)
    server = LegAlignment(side: .server, mayStartLate: mayStartLate)
    replay(front, back)
    (frontLeg.act, backLeg.act) = (front.act, back.act)
    // A leg that ended before the other was recognised as its other one.
    if let end = front.end { note(end, ofFront: true) }
    if let end = back.end { note(end, ofFront: false) }
  }

  /// Compares the handshakes of the two legs, for which they were kept.
  func compareHandshakes(_ front: ProxyLegCandidate, _ back: ProxyLegCandidate) {
    guard let one = front.handshake, let other = back.handshake else { return }
    isNested = one.encloses(other)
    if case .key = basis, isNested == false { return }
    handshakeDifferences = one.differences(to: other)
    product = ProxyProduct(answer: one.response, of: other.response)
  }

  /// Something began the end of a leg.
  func note(_ act: LegAct, ofFront: Bool) {
    if ofFront { frontLeg.act = act } else { backLeg.act = act }
  }

  /// What led to the end of a leg, as that shows by itself.
  func note(_ cause: Cause?, ofFront: Bool) {
    if ofFront { frontLeg.cause = cause } else { backLeg.cause = cause }
  }

  /// What is remembered of both, in the order of the capture.
  private func replay(_ front: ProxyLegCandidate, _ back: ProxyLegCandidate) {
    for side in Side.allCases {
      let (fronts, backs) = (front.messages(of: side), back.messages(of: side))
      var (next, nextBack) = (0, 0)
      while next < fronts.count || nextBack < backs.count {
        let isFront =
          nextBack == backs.count || next < fronts.count && fronts[next].packet <= backs[nextBack].packet
        receive(isFront ? fronts[next] : backs[nextBack], from: side, onFront: isFront)
        if isFront { next += 1 } else { nextBack += 1 }
      }
    }
  }

  func receive(_ message: MessageFingerprint, from side: Side, onFront: Bool) {
    if side == .client {
      client.receive(message, onFront: onFront)
    } else {
      server.receive(message, onFront: onFront)
    }
  }

  private func note(_ end: ProxyLegCandidate.End, ofFront: Bool) {
    openLegs -= 1
    if ofFront {
      (frontLeg.act, frontLeg.lastByte) = (end.act, end.lastByte)
    } else {
      (backLeg.act, backLeg.lastByte) = (end.act, end.lastByte)
    }
    isWhole = isWhole && end.isCaptured
    lostBytes &+= end.lostBytes
    guard openLegs == 0 else { return }
    let firstAct = [frontLeg.act?.packet, backLeg.act?.packet].compactMap { $0 }.min() ?? .max
    client.finish(isWhole: isWhole, end: firstAct)
    server.finish(isWhole: isWhole, end: firstAct)
  }

  /// One of the legs ended. What is known of both, as that leg's report has it.
  func close(_ session: UInt64, _ end: ProxyLegCandidate.End) -> LegComparison {
    note(end, ofFront: session == front)
    return comparison(for: session)
  }

  /// Whether what is known speaks for two legs of one session. A client that has the same key for all of its sessions makes them look so.
  var isCertain: Bool {
    guard case .key = basis else { return true }
    let matched = client.matched &+ server.matched
    let different = client.differenceCount &+ server.differenceCount
    if matched == 0 && different == 0 { return areLinked && isNested ?? true }
    return different &* 3 <= matched && isNested ?? (matched >= Self.telling)
  }

  /// Equal messages that make up for handshakes that are not known.
  private static let telling: UInt64 = 3

  func comparison(for session: UInt64) -> LegComparison {
    let ending =
      isCertain || isPromised
      ? LegsEnding(front: frontLeg, back: backLeg, product: product, isFinal: openLegs == 0) : nil
    isPromised = isPromised || ending != nil
    return LegComparison(
      of: session == front ? back : front, isFront: session == front, basis: basis,
      isFinal: openLegs == 0, matched: client.matched &+ server.matched,
      notCompared: client.notCompared &+ server.notCompared,
      differenceCount: client.differenceCount &+ server.differenceCount,
      differences: client.differences + server.differences, lostBytes: lostBytes, toServer: client.delays,
      toClient: server.delays, handshakeDifferences: handshakeDifferences,
      ending: ending, refusal: nil)
  }
}
