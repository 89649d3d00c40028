import HTTP1
import TCPReassembly
import WireBytes

/// A request for an upgrade that was refused, or not answered, and may have been passed on by a proxy.
final class RefusedLeg {
  let reference: SessionReference
  let client: Endpoint
  let server: Endpoint
  let key: KeyIdentity?
  /// When its answer came.
  let answered: CaptureTime?
  let handshake: LegHandshake
  private let forwardedFor: [String]
  var pair: RefusedLegPair?
  /// Its session has ended.
  var isClosed = false

  /// `forwardedFor`: for whom a proxy says that it asks, in its words.
  init(
    _ reference: SessionReference, client: Endpoint, server: Endpoint, key: KeyIdentity?,
    forwardedFor: String?, _ handshake: LegHandshake
  ) {
    self.reference = reference
    (self.client, self.server, self.key) = (client, server, key)
    answered = handshake.response?.end.time
    self.handshake = handshake
    self.forwardedFor = forwardedFor?.split { ", ;=\"[]".contains($0) }.map(String.init) ?? []
  }

  var session: UInt64 { reference.number }
  /// When it was asked.
  var start: CaptureTime { reference.start }

  var answer: LegsRefusal.Answer {
    LegsRefusal.Answer(
      status: handshake.response?.status,
      packet: handshake.response?.end.packet ?? handshake.request?.end.packet ?? 0)
  }

  /// Whether a proxy asked this because it had been asked `front`; nil if nothing speaks for it.
  func basis(behind front: RefusedLeg) -> LegComparison.Basis? {
    guard server != front.server else { return nil }
    // The proxy asks after it was asked, and before it answers.
    let delay = start.nanoseconds(since: front.start)
    guard delay >= 0, delay <= ProxyLeg.longestDelay else { return nil }
    if let end = front.answered {
      guard start.nanoseconds(since: end) <= 0 else { return nil }
      if let answered, answered.nanoseconds(since: end) > 0 { return nil }
    }
    if let key, key == front.key { return .key }
    let speaksForIt = !forwardedFor.isEmpty && forwardedFor.contains(front.client.address.description)
    let comesFromIt = client.address == front.server.address && asksTheSame(as: front)
    return speaksForIt || comesFromIt ? .request : nil
  }

  private func asksTheSame(as front: RefusedLeg) -> Bool {
    guard let own = handshake.request, let other = front.handshake.request else { return false }
    return own.target == other.target
  }
}
