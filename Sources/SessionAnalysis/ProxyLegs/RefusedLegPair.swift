import WireBytes

/// Two requests for an upgrade that are one, around a proxy, and what became of it.
final class RefusedLegPair {
  let front: UInt64
  let back: UInt64
  let basis: LegComparison.Basis
  let differences: [HandshakeDifference]
  private let refusal: LegsRefusal
  private var openLegs: Int

  init(front: RefusedLeg, back: RefusedLeg, basis: LegComparison.Basis) {
    (self.front, self.back, self.basis) = (front.session, back.session, basis)
    differences = front.handshake.differences(to: back.handshake)
    openLegs = (front.isClosed ? 0 : 1) + (back.isClosed ? 0 : 1)
    refusal = LegsRefusal(front: front.answer, back: back.answer)
  }

  /// One of the legs ended.
  func close(_ session: UInt64) -> LegComparison {
    openLegs -= 1
    return LegComparison(
      of: session == front ? back : front, isFront: session == front, basis: basis, isFinal: openLegs <= 0,
      matched: 0, notCompared: 0, differenceCount: 0, differences: [], lostBytes: 0,
      toServer: Distribution(), toClient: Distribution(), handshakeDifferences: differences, ending: nil,
      refusal: refusal)
  }
}
