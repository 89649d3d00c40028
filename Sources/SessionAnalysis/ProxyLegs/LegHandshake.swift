import HTTP1
import WireBytes

/// The handshake of a leg, and what reports are not to show of it.
package struct LegHandshake: Sendable {
  let request: HTTPHead?
  let response: HTTPHead?
  let hidden: Secrets

  /// A handshake of which something was captured.
  package init(_ handshake: Handshake, hidden: Secrets) {
    (request, response) = (handshake.request, handshake.response)
    self.hidden = hidden
  }

  /// Clocks of two points of capture differ, in nanoseconds.
  private static let skew: Int64 = 10_000_000

  /// Whether a proxy may have asked for `back` because it was asked for this: it asks after it was asked, and answers after it was answered.
  /// Nil if that is not captured.
  func encloses(_ back: LegHandshake) -> Bool? {
    guard let asked = request?.start.time, let answered = response?.end.time,
      let backAsked = back.request?.start.time, let backAnswered = back.response?.end.time
    else { return nil }
    return backAsked.nanoseconds(since: asked) >= -Self.skew
      && answered.nanoseconds(since: backAnswered) >= -Self.skew
  }

  /// What the proxy made of this handshake, the client's, on the way to the server and back.
  func differences(to back: LegHandshake) -> [HandshakeDifference] {
    var found: [HandshakeDifference] = []
    if let request, let other = back.request {
      if let front = request.version, let back = other.version, front != back {
        found.append(
          HandshakeDifference(field: nil, side: .client, front: "HTTP/\(front)", back: "HTTP/\(back)"))
      }
      compare(HandshakeDifference.ofRequest, request, other, back.hidden, .client, into: &found)
    }
    if let response, let other = back.response, response.status == 101, other.status == 101 {
      compare(HandshakeDifference.ofResponse, response, other, back.hidden, .server, into: &found)
    }
    return found
  }

  private func compare(
    _ fields: [HandshakeDifference.Field], _ front: HTTPHead, _ back: HTTPHead, _ hiddenOfBack: Secrets,
    _ side: Side, into found: inout [HandshakeDifference]
  ) {
    // What a cut head lacks it may have had.
    if front.isCut || back.isCut { return }
    for field in fields where !field.isSame(front, back) {
      found.append(
        HandshakeDifference(
          field: "\(field.name)", side: side, front: shown(field, front, hidden),
          back: shown(field, back, hiddenOfBack)))
    }
  }

  private func shown(_ field: HandshakeDifference.Field, _ head: HTTPHead, _ hidden: Secrets) -> String? {
    guard head.has(field.name) else { return nil }
    let value = head.values(of: field.name).joined(separator: ", ")
    return hidden.isEmpty ? value : hidden.redacted(header: "\(field.name)", value: value)
  }
}
